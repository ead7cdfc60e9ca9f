"""Reading the articles of an extent."""

from collections.abc import Callable, Iterator, Mapping

from model.errors import InputError
from service.archive import delimited, html, jsonl, tables, texts, warc
from service.archive.article import Article, Columns, Extent, Rejection
from service.archive.record import Record, make_article
from service.archive.storage import file_name, fingerprint

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
#: Formats of one document a file, which is called as the file is.
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
    name = file_name(extent.input.url)
    count = 0
    for record in _READERS[extent.input.format](extent, columns):
        count += 1
        if isinstance(record, Rejection):
            yield record
        else:
            identity = name if extent.input.format in _ONE else f"{name}:{record.place.record}"
            yield make_article(record, identity, columns, types)
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
