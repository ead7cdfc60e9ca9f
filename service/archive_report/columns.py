"""Which passed-through column holds a document's date, and which its outlet."""

import re
from collections.abc import Sequence

from model.errors import FramelineError

_DATES = (
    "date", "published", "publishedat", "publisheddate", "datepublished", "publicationdate", "publishdate", "pubdate",
    "datetime", "timestamp", "time", "created", "createdat", "day", "month", "year",
)  # fmt: skip
_OUTLETS = (
    "outlet", "source", "publisher", "newspaper", "publication", "medium", "media", "outletname", "sourcename",
    "sitename", "site", "website", "domain", "sourcedomain", "hostname", "host", "channel", "feed", "url",
)  # fmt: skip


def date_column(columns: Sequence[str], given: str | None) -> str | None:
    """The column ``given``, or the one whose name says that it is a date, or None.

    Raises:
        FramelineError: there is no column ``given``.
    """
    return _choose(columns, given, _DATES, "--date-column")


def outlet_column(columns: Sequence[str], given: str | None) -> str | None:
    """The column ``given``, or the one whose name says that it is the outlet (of a URL, its host counts), or None.

    Raises:
        FramelineError: there is no column ``given``.
    """
    return _choose(columns, given, _OUTLETS, "--outlet-column")


def is_address(column: str) -> bool:
    """Whether the column holds addresses, of which only the host names the outlet."""
    return _plain(column) == "url"


def _choose(columns: Sequence[str], given: str | None, names: Sequence[str], option: str) -> str | None:
    if given is not None:
        if given not in columns:
            known = ", ".join(columns) or "none"
            raise FramelineError(
                f"{option}: there is no column {given!r}. Columns that came with the documents: {known}"
            )
        return given
    found = {_plain(column): column for column in reversed(columns)}
    return next((found[name] for name in names if name in found), None)


def _plain(column: str) -> str:
    """The name without case, signs, and the prefix of a column whose name clashed with one of the tables."""
    return re.sub(r"[^a-z0-9]", "", re.sub(r"^source_(?=.)", "", column.lower()))
