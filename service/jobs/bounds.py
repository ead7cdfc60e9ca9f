"""What an upload may cost: the size of its file, and room on the disk."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from service.archive.folder import FULL
from service.problems import Fault, ProblemError


class Room:
    """What jobs have of the disk, for all uploads that come in at a time.

    Args:
        limit: bytes.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        #: Bytes that are taken, as measured at times; between those, uploads count.
        self.used = 0

    @property
    def left(self) -> int:
        """Bytes that are left."""
        return self._limit - self.used

    def take(self, size: int) -> None:
        """Take so many bytes.

        Raises:
            ProblemError: 507 if there are fewer.
        """
        if size > self.left:
            raise full()
        self.used += size


class Bounds(NamedTuple):
    """What an upload may cost.

    Args:
        size: bytes of the file.
        room: what the disk has.
        seconds: how long nothing may come.
        stopping: whether the service is.
    """

    size: int
    room: Room
    seconds: float
    stopping: Callable[[], bool]

    def check_size(self, size: int) -> None:
        """Check that a file may have that many bytes.

        Raises:
            ProblemError: 413 if not.
        """
        if size > self.size:
            message = f"the file has more than {self.size} bytes; send several smaller ones"
            raise ProblemError(413, message, [Fault(loc=("body",), msg=message, type="too_large")])

    def check(self, size: int) -> None:
        """Check that a body of that many bytes may be received.

        Raises:
            ProblemError: 413 or 507 if not.
        """
        self.check_size(size)
        if size > self.room.left:
            raise full()


def full() -> ProblemError:
    """A 507: there is no room."""
    return ProblemError(507, "there is no room for further jobs; delete some that have ended, or ask for more room")


@contextmanager
def writing() -> Iterator[None]:
    """Say it with a 507 where a disk is full on which something is written, be it a database.

    Raises:
        ProblemError: 507.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise full() from None
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
            raise
        raise full() from None
