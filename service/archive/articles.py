"""Reading the articles of an extent."""

from collections.abc import Callable, Iterator, Mapping

from model.errors import InputError
from service.archive import delimited, jsonl
from service.archive.article import Article, Columns, Extent, Rejection
from service.archive.record import Record, make_article
from service.archive.storage import file_name

_READERS: dict[str, Callable[[Extent, Columns], Iterator[Record | Rejection]]] = {
    "jsonl": jsonl.read,
    "csv": delimited.read,
    "tsv": delimited.read,
}


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
            yield make_article(record, f"{name}:{record.place.record}", columns, types)
    if count < extent.count:
        raise InputError(
            extent.input.url,
            f"has changed since its survey: record {extent.first + count} is gone; score into a new folder",
        )
