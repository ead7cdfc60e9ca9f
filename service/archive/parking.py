"""Keeps the reader of an extent for the next extent, so that no file is decompressed again and again."""

import atexit
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from service.archive.article import Input
from service.archive.storage import fingerprint


class Reader(Protocol):
    """Something that reads an input from its begin to its end."""

    @property
    def position(self) -> int:
        """How far it is, in bytes or in records."""

    def close(self) -> None:
        """Let go of the file."""


ReaderT = TypeVar("ReaderT", bound=Reader)
_parked: dict[tuple[str, str], Reader] = {}


@contextmanager
def resume(source: Input, position: int, kind: type[ReaderT], start: Callable[[], ReaderT]) -> Iterator[ReaderT]:
    """A reader that is not yet beyond a position: the one that was used last, if it is of that input, or a new one.

    Args:
        source: the input, in the state in which it is now.
        position: where reading is to begin.
        kind: the reader's class.
        start: makes a new one.
    """
    key = (source.url, fingerprint(source.url))
    kept = _parked.pop(key, None)
    if isinstance(kept, kind) and kept.position <= position:
        reader = kept
    else:
        if kept is not None:
            kept.close()
        reader = start()
    try:
        yield reader
    except BaseException:
        reader.close()
        raise
    release()
    _parked[key] = reader


@atexit.register
def release() -> None:
    """Close what is kept."""
    for reader in list(_parked.values()):
        reader.close()
    _parked.clear()
