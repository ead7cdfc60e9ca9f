"""The survey: a first, quick pass over an input."""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import closing

from service.archive import delimited, html, jsonl, tables, texts, warc
from service.archive.article import NO_HEAD, Columns, Head, Input, Survey
from service.archive.partitions import read_partitions
from service.archive.storage import open_stored
from service.archive.stream import BLOCK, DamageError, Stored, Stream
from service.archive.tally import Tally
from service.archive.values import extend, infer

_SURVEYS: dict[str, Callable[[Stream, Tally], None]] = {
    "jsonl": jsonl.survey,
    "csv": delimited.survey,
    "tsv": delimited.survey,
    "parquet": tables.survey,
    "arrow": tables.survey,
    "text": texts.survey,
    "html": html.survey,
    "warc": warc.survey,
}


def survey(
    source: Input,
    columns: Columns,
    *,
    records: int,
    size: int,
    head: Head = NO_HEAD,
    on_read: Callable[[int], None] = lambda size: None,
) -> Survey:
    """Count an input's records, cut them into extents, and find the columns that pass through.

    What is damaged is told as the survey's ``fault``; nothing is raised for what a file holds.

    Args:
        source: the input.
        columns: those that have a meaning.
        records: of an extent, at most; more only where malformed rows of CSV leave no place to cut.
        size: bytes of an extent, decompressed, about.
        head: the input's first records, where these are cut apart.
        on_read: is told the bytes that were read, piece by piece.

    Raises:
        OSError: the file cannot be opened.
    """
    tally = Tally(source, columns, records, size, head)
    digest = _Digest(on_read)
    with closing(open_stored(source.url)) as file:
        stored, rest = Stored(file, digest), Stored(file, digest)
        fault = _go_through(stored, source, tally)
        while rest.read(BLOCK):
            pass
    return Survey(
        input=source,
        size=stored.count + rest.count,
        sha256=digest.sha256.hexdigest(),
        records=tally.count,
        extents=tuple(tally.extents),
        columns=_with_partitions(tally.columns, source, columns),
        fault=fault or tally.fault,
    )


class _Digest:
    """The SHA-256 of what is read of a file; ``on_read`` is told the size of each piece."""

    def __init__(self, on_read: Callable[[int], None]) -> None:
        self.sha256 = hashlib.sha256()
        self._on_read = on_read

    def update(self, piece: bytes) -> None:
        """Take the next piece."""
        self.sha256.update(piece)
        self._on_read(len(piece))


def _with_partitions(found: Mapping[str, str], source: Input, columns: Columns) -> dict[str, str]:
    """The columns that a file holds, and those that its folders name."""
    joined = dict(found)
    given = read_partitions(source.url)
    meant = (columns.text, columns.id, columns.actors)
    extend(joined, {name: infer(value) for name, value in given.items() if name not in meant})
    return joined


def _go_through(stored: Stored, source: Input, tally: Tally) -> str | None:
    try:
        _SURVEYS[source.format](Stream(stored, source.compression), tally)
    except DamageError as error:
        return f"behind record {tally.count}: {error}" if tally.count else str(error)
    finally:
        tally.cut()
    return None
