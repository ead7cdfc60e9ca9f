"""Room for what is on its way through a stream."""

import asyncio


class Room:
    """Bounds the lines that are on their way, and their bytes; one alone always finds room.

    Args:
        lines: how many may be on their way.
        size: how many bytes they may have together.
    """

    def __init__(self, lines: int, size: int) -> None:
        self._most_lines = lines
        self._most_bytes = size
        self._lines = 0
        self._bytes = 0
        self._left = asyncio.Event()

    async def enter(self, size: int) -> None:
        """Wait until there is room for a line of ``size`` bytes, and take it."""
        while self._lines and (self._lines >= self._most_lines or self._bytes + size > self._most_bytes):
            self._left.clear()
            await self._left.wait()
        self._lines += 1
        self._bytes += size

    def leave(self, size: int) -> None:
        """Give back what a line took."""
        self._lines -= 1
        self._bytes -= size
        self._left.set()
