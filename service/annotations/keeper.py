"""The store as the service uses it: in threads of its own, so that nothing else waits for the database."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from service.annotations.errors import ConflictError, StoreError
from service.annotations.query import Query
from service.annotations.wire import Version
from service.logs import get_logger
from service.problems import Fault, ProblemError
from service.record import current
from service.wire import AnnotationsHealth

if TYPE_CHECKING:
    from service.annotations.store import Store

_logger = get_logger("annotations")
_THREADS = 8
#: Requests that may be with the store at a time, those that wait for a thread included.
_ROOM = 64
#: Seconds after which to try again, where a failure is likely to pass, and where somebody has to act first.
_SOON, _LATER = 1, 30

_Answer = TypeVar("_Answer")


class Keeper:
    """Opens the store in the background when the service starts, and again at each request until that succeeds.

    Args:
        url: that of the database.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="annotations")
        self._opening = Lock()
        self._store: Store | None = None
        self._failure: str | None = None
        self._inside = 0
        self._versions = 0

    @property
    def health(self) -> AnnotationsHealth:
        """Whether annotations can be kept; how many versions there were at the start and came through this process."""
        if self._store is not None:
            return AnnotationsHealth(status="ready", versions=self._versions)
        return AnnotationsHealth(status="opening" if self._failure is None else "unavailable", versions=0)

    def start(self) -> None:
        """Begin to open the store."""
        self._threads.submit(self._try_to_open)

    async def ask(self, act: "Callable[[Store], _Answer]") -> _Answer:
        """What ``act`` makes of the store, in one of its threads.

        Raises:
            ProblemError: 503 with the reason if the database cannot be used or too many wait for it; 409 if what is to
                be kept contradicts what is kept.
        """
        if self._inside >= _ROOM:
            raise _unavailable("too many requests wait for the database of annotations", _SOON)
        self._inside += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: act(self._open()))
        except StoreError as error:
            raise _unavailable(str(error), _SOON if error.passing else _LATER) from error
        except ConflictError as error:
            faults = [Fault(loc=place, msg=message, type="conflict") for place, message in error.faults]
            raise ProblemError(409, str(error), faults) from None
        finally:
            self._inside -= 1

    async def lines(self, query: Query) -> AsyncIterator[list[Version]]:
        """All versions that a query finds, a part at a time."""
        parts: Iterator[list[Version]] = await self.ask(lambda store: store.lines(query))
        while (part := await self.ask(lambda _: next(parts, None))) is not None:
            yield part

    def added(self, number: int) -> None:
        """Note that there are further versions."""
        self._versions += number

    def close(self) -> None:
        """Finish what was begun, then close the store."""
        self._threads.shutdown()
        if self._store is not None:
            self._store.close()

    def _try_to_open(self) -> None:
        try:
            self._open()
        except StoreError as error:
            _logger.error("annotations cannot be kept", reason=str(error))

    def _open(self) -> "Store":
        with self._opening:
            if self._store is None:
                from service.annotations.store import Store

                try:
                    store = Store.open(self._url)
                    self._versions = store.count()
                except StoreError as error:
                    self._failure = str(error)
                    raise
                self._store, self._failure = store, None
                _logger.info("annotations are kept", versions=self._versions)
            return self._store


def _unavailable(reason: str, seconds: int) -> ProblemError:
    current().reason = "annotations"
    return ProblemError(503, reason, headers={"Retry-After": str(seconds)})
