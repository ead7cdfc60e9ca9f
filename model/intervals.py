"""Parts of a text that are looked up by their place."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable


class Intervals:
    """Parts of a text, each from its start to its end, exclusive, of which none overlaps another.

    However many there are, those at a place are found at once: a text may hold as many as it has words.

    Args:
        spans: the parts, from left to right.
    """

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._spans = list(spans)
        self._starts = [start for start, _ in self._spans]
        self._ends = [end for _, end in self._spans]

    def touching(self, start: int, end: int) -> list[tuple[int, int]]:
        """Those that share a code point with the part from ``start`` to ``end``."""
        return self._spans[bisect_right(self._ends, start) : bisect_left(self._starts, end)]
