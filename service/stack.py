"""What a log may say of an exception: types and places, never messages, which may quote a text or a key."""

import traceback
from collections.abc import Iterator
from pathlib import Path

#: Exceptions that are shown of a chain or of nested groups, and frames of each.
_MOST, _FRAMES = 10, 40


def describe_exception(error: BaseException) -> str:
    """The frames and types of an exception and of those that led to it, the first cause first."""
    parts = ["\n".join([*_frames(one), _name(one)]) for one in _chain(error)]
    return "\n--- which led to ---\n".join(reversed(parts))


def place(file: str, line: int | None) -> str:
    """A place in the code, without the folders of this machine."""
    return f"{'/'.join(Path(file).parts[-2:])}:{line}"


def _frames(error: BaseException) -> list[str]:
    walked = list(traceback.walk_tb(error.__traceback__))[-_FRAMES:]
    return [f"  {place(frame.f_code.co_filename, line)} in {frame.f_code.co_qualname}" for frame, line in walked]


def _name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, then what it came from; each one once."""
    waiting, seen = [error], set[int]()
    while waiting and len(seen) < _MOST:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        before = one.__cause__ if one.__cause__ is not None or one.__suppress_context__ else one.__context__
        waiting += [] if before is None else [before]
        waiting += one.exceptions if isinstance(one, BaseExceptionGroup) else ()
