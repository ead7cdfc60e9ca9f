"""A place in a text."""

from typing import NamedTuple


class Place(NamedTuple):
    """``text[start:end]``, in Unicode code points."""

    start: int
    end: int


def strip(text: str, start: int, end: int) -> Place:
    """``text[start:end]`` without the white space at its ends."""
    part = text[start:end]
    start += len(part) - len(part.lstrip())
    return Place(start, max(start, start + len(part.strip())))
