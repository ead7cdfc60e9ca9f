"""Reading the articles of an extent."""

from collections.abc import Callable, Iterator, Mapping

from model.errors import InputError
from service.archive import delimited, html, jsonl, tables, texts, warc
from service.archive.article import Article, Columns, Extent, Rejection
from service.archive.partitions import read_partitions
from service.archive.record import Record, make_article
from service.archive.storage import fingerprint

_READERS: dict[str, Callable[[Extent, Columns], Iterator[Record | Rejection]]] = {
    "jsonl": jsonl.read,
    "csv": delimited.read,
    "tsv": delimited.read,
    "parquet": tables.read,
    "arrow": tables.read,
    "text": texts.read,
    "html": html.read,
    "warc": warc.read,
}
#: Formats of one document a file, which is called as the input is.
_ONE = ("text", "html")


def read(extent: Extent, columns: Columns, types: Mapping[str, str]) -> Iterator[Article | Rejection]:
    """The records of an extent in their order, one by one: articles, and what cannot be labelled.

    Args:
        extent: as a survey cut it.
        columns: the ones that have a meaning.
        types: the columns that pass through, with their types.

    Raises:
        InputError: the file has changed since its survey.
    """
    name = extent.input.url
    given = {column: value for column, value in read_partitions(name).items() if column in types}
    count = 0
    for record in _READERS[extent.input.format](extent, columns):
        count += 1
        if isinstance(record, Rejection):
            yield record
        else:
            identity = name if extent.input.format in _ONE else f"{name}:{record.place.record}"
            yield make_article(_complete(record, given), identity, columns, types)
    if extent.stamp and fingerprint(extent.input.url) != extent.stamp:
        raise InputError(
            extent.input.url,
            "has changed while it was scored; put back what was there and give the same command again, or score into "
            "a new folder",
        )
    if count < extent.count:
        raise InputError(
            extent.input.url,
            f"has changed since its survey: record {extent.first + count} is gone; score into a new folder",
        )


def _complete(record: Record, given: Mapping[str, object]) -> Record:
    """A record with what the folders of its file say, where it does not say that itself."""
    missing = {column: value for column, value in given.items() if record.fields.get(column) is None}
    return record._replace(fields={**record.fields, **missing}) if missing else record
