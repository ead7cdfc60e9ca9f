"""The lines of a body that comes in pieces."""

from service.problems import ProblemError

_MARK = b"\xef\xbb\xbf"


class Lines:
    """Puts lines together from pieces; blank ones are counted and passed over.

    Args:
        limit: bytes of a line.
    """

    def __init__(self, limit: int) -> None:
        #: The number of the line that was taken or passed over last, from 1.
        self.number = 0
        self.ended = False
        self._limit = limit
        self._kept = bytearray()
        self._searched = 0

    def add(self, piece: bytes, more: bool) -> None:
        """Append a piece of the body; the last one has no ``more`` after it."""
        self._kept += piece
        self.ended = not more

    def take(self) -> bytes | None:
        """The next line that is not blank, None where the pieces hold no whole one.

        Raises:
            ProblemError: 413 for a line of more than ``limit`` bytes.
        """
        while self._kept:
            end = self._kept.find(b"\n", self._searched)
            whole = end != -1 or self.ended
            size = len(self._kept) if end == -1 else end
            if size > self._limit:
                raise ProblemError(413, f"line {self.number + 1} has more than {self._limit} bytes: split its text")
            if not whole:
                self._searched = size
                return None
            line = bytes(self._kept[:size])
            del self._kept[: size + 1]
            self._searched = 0
            self.number += 1
            if self.number == 1:
                line = line.removeprefix(_MARK)
            if line.strip():
                return line
        return None
