"""Parquet and Arrow (Feather): a row a record, a row group or record batch at a time."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from service.archive.article import Columns, Extent, Input, Place, Rejection
from service.archive.parking import resume
from service.archive.record import Record, reject, split_mentions
from service.archive.storage import measure, open_stored
from service.archive.stream import DamageError, Stream
from service.archive.tally import Tally

_ROWS = 256
#: More rows for a byte of the file are no text: the number is damaged.
_ROWS_A_BYTE = 100


class Unreadable(NamedTuple):
    """Stands for a row, or a value, that cannot be read."""

    reason: str


class Table:
    """An open table, read forward.

    Args:
        source: the input.

    Raises:
        DamageError: it is no table.
    """

    def __init__(self, source: Input) -> None:
        self._source = source
        self._file = open_stored(source.url)
        self.position = 0
        try:
            self._parts: Any = (_open_parquet if source.format == "parquet" else _open_arrow)(self._file)
        except Exception as error:  # Arrow raises many a kind for damage
            self._file.close()
            raise DamageError(
                f"no {source.format.capitalize()} file, or a damaged one ({_shorten(error)}); download it again"
            ) from None
        self._rows = self._read_rows(0)

    @property
    def schema(self) -> Any:
        """The columns, with Arrow's types."""
        return self._parts.schema_arrow if self._source.format == "parquet" else self._parts.schema

    def close(self) -> None:
        """Let go of the file."""
        self._rows.close()
        self._file.close()

    def sizes(self) -> Iterator[tuple[int, int]]:
        """Rows and bytes of each part.

        Raises:
            DamageError: the file is damaged in the part behind.
        """
        try:
            if self._source.format == "parquet":
                for number in range(self._parts.num_row_groups):
                    group = self._parts.metadata.row_group(number)
                    yield group.num_rows, max(group.total_byte_size, 1)
            else:
                for batch in _batches(self._parts):
                    yield batch.num_rows, max(batch.nbytes, 1)
        except Exception as error:  # as above
            raise DamageError(
                f"a record batch is damaged ({_shorten(error)}); what came before is read; download the file again"
            ) from None

    def go(self, position: int) -> None:
        """Go forward to a row; whole row groups before it are not read."""
        if self._source.format == "parquet":
            begin = 0
            for number, (size, _) in enumerate(self.sizes()):
                if self.position < begin <= position < begin + size:
                    self._rows, self.position = self._read_rows(number), begin
                begin += size
        while self.position < position and self.take() is not None:
            pass

    def take(self) -> dict[str, object] | Unreadable | None:
        """The next row, None behind the last."""
        row = next(self._rows, None)
        self.position += row is not None
        return row

    def _read_rows(self, part: int) -> Any:
        if self._source.format != "parquet":
            for batch in _batches(self._parts):
                for begin in range(0, batch.num_rows, _ROWS):
                    yield from _read_batch(batch.slice(begin, _ROWS))
            return
        for number in range(part, self._parts.num_row_groups):
            missing = self._parts.metadata.row_group(number).num_rows
            reason = "it has fewer rows than it says"
            try:
                for batch in self._parts.iter_batches(batch_size=_ROWS, row_groups=[number]):
                    for row in _read_batch(batch):
                        if missing:
                            missing -= 1
                            yield row
            except Exception as error:  # as above
                reason = _shorten(error)
            for _ in range(missing):
                yield Unreadable(f"row group {number} is damaged ({reason}); download the file again")


def survey(stream: Stream, tally: Tally) -> None:
    """Count the rows.

    Raises:
        DamageError: it is no table, is damaged behind the rows that were counted, has columns that are called alike, or
            none for the text.
    """
    table = Table(tally.source)
    try:
        if twice := [name for name, count in Counter(table.schema.names).items() if count > 1]:
            raise DamageError(f"columns that stand twice: {', '.join(twice)}; rename one of each")
        tally.require(table.schema.names)
        for field in table.schema:
            tally.widen(field.name, _name_type(field.type))
        for rows, size in table.sizes():
            if not 0 <= rows <= _ROWS_A_BYTE * measure(tally.source.url):
                raise DamageError(f"the file says that it has {rows} rows in one part; download it again")
            tally.add_many(rows, size)
    finally:
        table.close()


def read(extent: Extent, columns: Columns) -> Iterator[Record | Rejection]:
    """The records of an extent; mentions in a string are parted by semicolons."""
    source = extent.input
    with resume(source, extent.first, Table, lambda: Table(source)) as table:
        table.go(extent.first)
        while table.position < extent.first + extent.count and (row := table.take()) is not None:
            place = Place(source.url, table.position - 1)
            fault = _find_fault(row)
            if isinstance(row, Unreadable) or fault:
                yield reject(place, fault)
            else:
                row[columns.actors] = split_mentions(row.get(columns.actors))
                yield Record(place, row)


def _find_fault(row: dict[str, object] | Unreadable) -> str:
    if isinstance(row, Unreadable):
        return row.reason
    return "; ".join(f"{name}: {value.reason}" for name, value in row.items() if isinstance(value, Unreadable))


def _open_parquet(file: Any) -> Any:
    from pyarrow.parquet import ParquetFile

    return ParquetFile(file)


def _open_arrow(file: Any) -> Any:
    """A file in Arrow's format for files (Feather), or in that for streams."""
    from pyarrow import ArrowInvalid, ipc

    try:
        return ipc.open_file(file)
    except ArrowInvalid:
        file.seek(0)
        return ipc.open_stream(file)


def _batches(parts: Any) -> Iterator[Any]:
    """The record batches, each checked: Arrow trusts what a file says, and ends the process where that is wrong."""
    if hasattr(parts, "num_record_batches"):
        batches: Iterator[Any] = map(parts.get_batch, range(parts.num_record_batches))
    else:
        batches = iter(parts)
    for batch in batches:
        for column in batch.columns:
            _as_bytes(column).validate(full=True)
        yield batch


def _as_bytes(column: Any) -> Any:
    """Strings as bytes, so that one which is not UTF-8 costs its own row only."""
    import pyarrow

    if column.type == pyarrow.string():
        return column.view(pyarrow.binary())
    return column.view(pyarrow.large_binary()) if column.type == pyarrow.large_string() else column


def _read_batch(batch: Any) -> Iterator[dict[str, object]]:
    """The rows of a batch."""
    names = batch.schema.names
    columns = [_read_column(column) for column in batch.columns]
    for values in zip(*columns, strict=True):
        yield dict(zip(names, values, strict=True))


def _read_column(column: Any) -> list[object]:
    import pyarrow
    from pyarrow import types

    if types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pyarrow.timestamp("us", column.type.tz), safe=False)
    try:
        values: list[object] = column.to_pylist()
    except Exception:  # one value of them
        values = [_read_value(value) for value in column]
    return values


def _read_value(value: Any) -> object:
    try:
        read: object = value.as_py()
    except Exception as error:  # it depends on the type which
        return Unreadable(f"cannot be read ({_shorten(error)}); mend or empty it")
    return read


def _name_type(kind: Any) -> str:
    """The type that a column's values are passed through as."""
    from pyarrow import types

    if types.is_dictionary(kind):
        return _name_type(kind.value_type)
    checks = {
        "null": types.is_null,
        "boolean": types.is_boolean,
        "integer": lambda kind: types.is_integer(kind) and not types.is_uint64(kind),
        "number": lambda kind: types.is_floating(kind) or types.is_decimal(kind),
        "timestamp": lambda kind: types.is_timestamp(kind) or types.is_date(kind),
    }
    return next((name for name, check in checks.items() if check(kind)), "string")


def _shorten(error: Exception) -> str:
    return str(error).strip().split("\n")[0][:200]
