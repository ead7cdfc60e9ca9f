"""HTML pages: one document a file, its main text and date found by trafilatura."""

import logging
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from service.archive.article import Columns, Extent, Place, Rejection
from service.archive.record import FaultError, Record, reject
from service.archive.stream import Stream, open_at
from service.archive.tally import Tally
from service.archive.whole import check_whole, read_whole

#: What a page has to say beside its text.
COLUMNS = ("title", "date")
#: Bytes of a page; the extractor takes 250 MB and 3 s for each megabyte of a page that is made to be slow.
PAGE_LIMIT = 3 << 20
#: The day of publication, not that of the last change.
_DATES = {"original_date": True, "extensive_search": False, "outputformat": "%Y-%m-%d"}


def survey(stream: Stream, tally: Tally) -> None:
    """Count the one record.

    Raises:
        DamageError: the file is damaged.
    """
    check_whole(stream)
    tally.note(dict.fromkeys(COLUMNS, ""))
    tally.add()


def read(extent: Extent, columns: Columns) -> Iterator[Record | Rejection]:
    """The one record."""
    place = Place(extent.input.url, extent.first)
    with open_at(extent.input, 0) as stream:
        try:
            yield Record(place, extract(read_whole(stream, PAGE_LIMIT), columns))
        except FaultError as error:
            yield reject(place, str(error))


@cache
def _load() -> Callable[..., Any]:
    """The extractor; what it logs is said by rejections already."""
    from trafilatura import bare_extraction

    for name in ("trafilatura", "htmldate"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return bare_extraction


def extract(page: bytes | str, columns: Columns, url: str | None = None) -> dict[str, object]:
    """The main text of a page, its title and its date, as ``2024-03-05``.

    Raises:
        FaultError: there is no main text.
    """
    found: Any
    try:
        found = _load()(
            page,
            url=url,
            with_metadata=True,
            include_comments=False,
            include_tables=False,
            date_extraction_params=_DATES,
        )
    except Exception as error:  # whatever a page holds, it is that page's fault
        raise FaultError(f"the page cannot be read: {error}; save its text as a file of its own") from None
    if found is None or not (found.text or "").strip():
        raise FaultError("the page has no main text that could be found; save its text as a file of its own")
    return {"title": found.title, "date": found.date, columns.text: found.text}
