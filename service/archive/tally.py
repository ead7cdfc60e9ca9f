"""What a survey counts while it goes through an input."""

from collections.abc import Collection

from service.archive.article import Columns, Extent, Head, Input
from service.archive.stream import DamageError
from service.archive.values import infer, is_writable, widen

#: More columns than that are no table.
MOST_COLUMNS = 1000


class Tally:
    """Counts records, cuts them into extents and notes the columns.

    Args:
        source: the input.
        columns: those that have a meaning, and do not pass through.
        records: of an extent, at most.
        size: bytes of an extent, about.
        head: the input's first records, where these are cut apart.
    """

    def __init__(self, source: Input, columns: Columns, records: int, size: int, head: Head) -> None:
        self.extents: list[Extent] = []
        self.count = 0
        self.columns: dict[str, str] = {}
        self.fault: str | None = None
        self.source = source
        self._meant = {columns.text, columns.id, columns.actors}
        self._text = columns.text
        self._has_text = False
        self._records = records
        self._size = size
        self._head = head
        self._first = (0, 0, 1)

    def require(self, names: Collection[str]) -> None:
        """Note the columns that a table's head names.

        Raises:
            DamageError: none of them is the text.
        """
        self.note(dict.fromkeys(names))
        if self._text not in names:
            raise DamageError(_describe_missing(self._text, names))

    def require_text(self) -> None:
        """Drop all records if they have columns, but none of them a text.

        Raises:
            DamageError: so it is.
        """
        if self.columns and not self._has_text:
            self.count, self.extents, self._first = 0, [], (0, 0, 1)
            raise DamageError(_describe_missing(self._text, self.columns))

    def add(self, offset: int = 0, line: int = 1, fresh: bool = True) -> None:
        """Count a record that begins there; where it is not ``fresh``, no extent can begin with it."""
        first, begin, _ = self._first
        full = self.count - first >= self._most or offset - begin >= self._size
        if fresh and (full or self.count == self._head.records):
            self.cut()
        if self.count == self._first[0]:
            self._first = (self.count, offset, line)
        self.count += 1

    def add_many(self, count: int, size: int) -> None:
        """Count records that make up so many bytes; their extents hold no others."""
        self.cut()
        fitting = max(1, self._size * count // size)
        end = self.count + count
        while self.count < end:
            most, head = min(self._most, fitting), self._head.records - self.count
            self.count += min(most, end - self.count, head if head > 0 else most)
            self.cut()

    @property
    def _most(self) -> int:
        """The most records of an extent that has the next one."""
        return self._head.most if self.count < self._head.records else self._records

    def cut(self) -> None:
        """End the extent that is open, if any."""
        first, offset, line = self._first
        if self.count > first:
            self.extents.append(
                Extent(input=self.source, first=first, count=self.count - first, offset=offset, line=line)
            )
        self._first = (self.count, 0, 1)

    def note(self, fields: dict[str, object]) -> None:
        """Note the columns of a record, and the types of their values."""
        known = self.columns
        for name, value in fields.items():
            kind = infer(value)
            before = known.get(name)
            if before != kind:
                self.widen(name, kind)

    def widen(self, name: str, kind: str) -> None:
        """Note that a column has values of that type."""
        before = self.columns.get(name)
        if name in self._meant:
            self._has_text = self._has_text or name == self._text
        elif before is None and not is_writable(name):
            return  # its records are set aside
        elif before is None and len(self.columns) == MOST_COLUMNS:
            self.fault = f"more than {MOST_COLUMNS} columns: {name!r} and what comes after do not pass through"
        else:
            self.columns[name] = kind if before is None else widen(before, kind)


def _describe_missing(column: str, names: Collection[str]) -> str:
    """Why there is no text, and which columns there are."""
    there = ", ".join([*names][:50])
    remedy = "name the text's column with --text-column (in a job: text_column)"
    return f"{column}: no such column; there are: {there}; {remedy}"
