"""Doing several things at a time and keeping their order."""

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Event, Lock, Semaphore, Thread
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Items that are worked on or wait to be taken, for each thread.
_AHEAD = 2


def in_order(work: Callable[[Item], Result], items: Iterable[Item], threads: int) -> Generator[Result, None, None]:
    """Yield ``work(item)`` for each item, in the order of the items, each as soon as it is there.

    Items are taken only as threads are free and results are taken, so that they may be endless. What ``items``
    or ``work`` raises is raised in its place, after the results of what came before.
    """
    line = _Line(work, items, threads)
    try:
        while (future := line.results.get()) is not None:
            yield future.result()
            line.room.release()
    finally:
        line.stop()


class _Line(Generic[Item, Result]):
    """Threads that take items in turn; ``results`` keeps the order in which they were taken, None is the end."""

    def __init__(self, work: Callable[[Item], Result], items: Iterable[Item], threads: int) -> None:
        self.results: SimpleQueue[Future[Result] | None] = SimpleQueue()
        self.room = Semaphore(threads * _AHEAD)
        self._work = work
        self._items = iter(items)
        self._turn = Lock()
        self._stopped = Event()
        self._threads = threads
        for _ in range(threads):
            Thread(target=self._run, daemon=True, name="frameline-request").start()

    def stop(self) -> None:
        """Let no thread take another item."""
        self._stopped.set()
        self.room.release(self._threads)

    def _run(self) -> None:
        while (taken := self._take()) is not None:
            item, future = taken
            try:
                future.set_result(self._work(item))
            except Exception as error:
                future.set_exception(error)

    def _take(self) -> tuple[Item, "Future[Result]"] | None:
        self.room.acquire()
        with self._turn:
            if self._stopped.is_set():
                return None
            future: Future[Result] = Future()
            try:
                item = next(self._items)
            except StopIteration:
                self._end(None)
                return None
            except Exception as error:
                future.set_exception(error)
                self._end(future)
                return None
            self.results.put(future)
        return item, future

    def _end(self, last: "Future[Result] | None") -> None:
        self.results.put(last)
        self.stop()
