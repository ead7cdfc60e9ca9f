"""Offsets in UTF-16 code units, which tools written in Java and JavaScript count, and in Unicode code points."""

from itertools import accumulate


class Utf16:
    """Converts offsets of one text between code points and UTF-16 units; characters beyond the BMP take two units."""

    def __init__(self, text: str) -> None:
        self._units = [0, *accumulate(2 if ord(character) > 0xFFFF else 1 for character in text)]
        self._points = {unit: point for point, unit in enumerate(self._units)}

    def units(self, point: int) -> int:
        """The UTF-16 offset of a code point offset within the text."""
        return self._units[point]

    def point(self, unit: int) -> int | None:
        """The code point offset of a UTF-16 offset; None outside the text and inside of a surrogate pair."""
        return self._points.get(unit)
