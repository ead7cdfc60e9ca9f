"""The rows of CSV and TSV, whose quoted cells may hold line ends.

A row that is malformed is set aside with its first line, and the next line begins a new one: a quote that was never
closed does not swallow the file.
"""

import csv
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple, Self

from service.archive.lines import LIMIT, EncodingError, Line, decode

#: So many malformed rows are put together of several lines while lines are looked at again; it bounds the time.
_RETRIES = 16


class Row(NamedTuple):
    """One row, where it begins, and what is wrong with it, if anything is.

    Reading may begin at a ``fresh`` one without knowing those before it.
    """

    line: int
    offset: int
    cells: list[str]
    fault: str | None
    fresh: bool


class _RowError(Exception):
    """A row that cannot be put together."""


class _Feed:
    """Hands lines to the CSV parser, and keeps those of the row that is being put together."""

    def __init__(self, lines: Iterator[Line], encoding: str) -> None:
        self.taken: list[Line] = []
        self.again: deque[Line] = deque()
        self.fault: str | None = None
        self.single = False
        self._lines = lines
        self._encoding = encoding
        self._size = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        if self.single and self.taken:
            raise _RowError("a quote is not closed; close it, and double quotes within a cell")
        line = self.again.popleft() if self.again else next(self._lines)
        self.taken.append(line)
        self._size += len(line.content or b"")
        if line.content is None or self._size > LIMIT:
            raise _RowError(f"the row has more than {LIMIT} bytes; split its text, or close a quote that is left open")
        try:
            return decode(line.content, self._encoding, line.offset)
        except EncodingError as error:
            self.fault = self.fault or str(error)
            return line.content.decode(self._encoding, "replace")

    def start(self) -> None:
        """Forget the row before."""
        self.taken = []
        self.fault = None
        self._size = 0

    def give_back(self) -> None:
        """Look again at all lines of the row but its first."""
        self.again.extendleft(reversed(self.taken[1:]))


def read_rows(lines: Iterator[Line], encoding: str, delimiter: str) -> Iterator[Row]:
    """The rows that some lines make; blank lines are none.

    Raises:
        DamageError: the file is damaged in the row behind the last one.
    """
    csv.field_size_limit(LIMIT + 1)
    feed = _Feed(lines, encoding)
    parser = csv.reader(feed, delimiter=delimiter, strict=True)
    retries = 0
    while True:
        feed.start()
        fresh = not feed.again
        retries = 0 if fresh else retries
        feed.single = retries >= _RETRIES
        cells: list[str] = []
        try:
            cells = next(parser)
        except StopIteration:
            return
        except (csv.Error, _RowError) as error:
            retries += 1
            feed.fault = _explain(error)
            feed.give_back()
        if feed.fault or len(cells) > 1 or (cells and cells[0].strip()):
            yield Row(feed.taken[0].number, feed.taken[0].offset, cells, feed.fault, fresh)


def _explain(error: Exception) -> str:
    if isinstance(error, _RowError):
        return str(error)
    if "new-line" in str(error):
        return "a carriage return stands alone; end lines with a line feed"
    return f"malformed: {error}; close every quote, and double quotes within a cell"
