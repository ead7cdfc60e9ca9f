"""A thread that reads documents before they are taken."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Thread

from model.prediction import TextDocument

#: Documents that are read ahead.
_AHEAD = 16


@dataclass(frozen=True)
class End:
    """The end of the documents, and the error that ended them."""

    failure: BaseException | None = None

    def check(self) -> None:
        """Raise that error, if there was one."""
        if self.failure is not None:
            raise self.failure


class Reader:
    """Reads documents on a thread of its own.

    Args:
        documents: what to read; it may be endless.
    """

    def __init__(self, documents: Iterable[TextDocument]) -> None:
        self._read: Queue[TextDocument | End] = Queue(_AHEAD)
        self._closed = False
        Thread(target=self._fill, args=(documents,), daemon=True, name="frameline-read").start()

    def take(self, seconds: float | None = None) -> TextDocument | End | None:
        """The next document, or their end; None where neither comes within ``seconds``. Without those it waits."""
        try:
            return self._read.get(timeout=seconds)
        except Empty:
            return None

    def close(self) -> None:
        """Stop reading; who waits for a document is told that this is the end."""
        self._closed = True
        with suppress(Empty):
            while True:
                self._read.get_nowait()
        self._read.put(End())

    def _fill(self, documents: Iterable[TextDocument]) -> None:
        end = End()
        try:
            for document in documents:
                self._read.put(document)
                if self._closed:
                    break
        except BaseException as error:  # raised again where the end is checked, lest somebody wait for it for ever
            end = End(error)
        self._read.put(end)
