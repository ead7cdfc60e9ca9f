"""CSV and TSV: a head that names the columns, then a row a record."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from service.archive.article import Columns, Extent, Input, Place, Rejection
from service.archive.lines import EncodingError, Line, decode, read_lines
from service.archive.record import FaultError, Record, reject, split_mentions
from service.archive.rows import Row, read_rows
from service.archive.storage import fingerprint, open_stored
from service.archive.stream import DamageError, Stored, Stream, open_at
from service.archive.tally import Tally
from service.archive.values import read_cell

_DELIMITERS = {"csv": ",;\t|", "tsv": "\t"}


class Head(NamedTuple):
    """The columns' names in their order, and what stands between cells."""

    names: list[str]
    delimiter: str


def survey(stream: Stream, tally: Tally) -> None:
    """Count the rows; blank lines are none.

    Raises:
        DamageError: the file is damaged behind those that were counted, or has no head with a column for the text.
    """
    head, rows = _open(stream, tally.source.format)
    tally.require(head.names)
    for row in rows:
        tally.add(row.offset, row.line, fresh=row.fresh)
        try:
            fields = _name_cells(row, head)
        except FaultError:
            continue
        tally.note({name: read_cell(cell) for name, cell in fields.items()})


def read(extent: Extent, columns: Columns) -> Iterator[Record | Rejection]:
    """The records of an extent; mentions are parted by semicolons in a cell."""
    source = extent.input
    head = _read_head(source, fingerprint(source.url))
    with open_at(source, extent.offset) as stream:
        rows = read_rows(read_lines(stream, extent.line), stream.encoding, head.delimiter)
        for number in range(extent.first, extent.first + extent.count):
            row = next(rows, None)
            if row is None:
                return
            place = Place(source.url, number, row.line)
            try:
                fields: dict[str, object] = dict(_name_cells(row, head))
            except FaultError as error:
                yield reject(place, str(error))
                continue
            fields[columns.actors] = split_mentions(fields.get(columns.actors))
            yield Record(place, fields)


@lru_cache(maxsize=64)
def _read_head(source: Input, state: str) -> Head:
    """The head of an input that is in that state."""
    with closing(Stream(Stored(open_stored(source.url)), source.compression)) as stream:
        return _open(stream, source.format)[0]


def _open(stream: Stream, form: str) -> tuple[Head, Iterator[Row]]:
    """The head, and the rows behind it."""
    stream.go(stream.begin)
    lines = read_lines(stream)
    first = next(lines, None)
    while first is not None and first.content is not None and not first.content.strip(b"\0\r\n\t "):
        first = next(lines, None)
    if first is None:
        raise DamageError("the file is empty; its first line names the columns")
    delimiter = _find_delimiter(first, stream.encoding, form)
    rows = read_rows(chain([first], lines), stream.encoding, delimiter)
    head = next(rows, None)
    if head is None or head.fault:
        raise DamageError(f"the first line names no columns: {head.fault if head else 'it is blank'}")
    return Head(_check_names(head.cells), delimiter), rows


def _find_delimiter(line: Line, encoding: str, form: str) -> str:
    """The one of the format's delimiters that parts most columns in the head."""
    try:
        text = decode(line.content or b"", encoding, line.offset)
    except EncodingError as error:
        raise DamageError(str(error)) from None
    if "\0" in text:
        raise DamageError("there are NUL characters in the first line; if the file is UTF-16, convert it to UTF-8")
    unquoted = "".join(text.split('"')[::2])
    return max(_DELIMITERS[form], key=unquoted.count)


def _check_names(cells: list[str]) -> list[str]:
    names = [cell.strip() or f"column_{number}" for number, cell in enumerate(cells, start=1)]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DamageError(f"columns that stand twice in the first line: {', '.join(twice)}; rename one of each")
    return names


def _name_cells(row: Row, head: Head) -> dict[str, str | None]:
    if row.fault:
        raise FaultError(row.fault)
    given, wanted = len(row.cells), len(head.names)
    if given < wanted or any(row.cells[wanted:]):
        raise FaultError(f"the row has {given} cells and the first line names {wanted} columns; give each row as many")
    return {name: cell or None for name, cell in zip(head.names, row.cells, strict=False)}
