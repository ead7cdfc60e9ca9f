"""Frames over time."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from service.archive_report.shares import Share, measure
from service.archive_report.tables import Tables, one_row

_FAR = 0.005
"""Dates before this share of the documents, or after the last such share, may be slips (1970-01-01)."""
_FEW = 5
"""Of fewer documents with a date none is a slip; of these and more, at least one at each end may be."""


class Timeline(NamedTuple):
    """Shares by period; ``shares`` are grouped by the period's first day and have gaps where nothing was published."""

    grain: str
    """``day``, ``week``, ``month`` or ``year``."""
    shares: list[Share]
    periods: list[date]
    undated: int
    """Documents without date, or whose date cannot be read."""
    unreadable: list[str]
    """Some of those dates."""
    far: int
    """Documents far off all others in time, which are left out."""


def follow(tables: Tables) -> Timeline | None:
    """Count frames by day, week, month or year, as the archive's span suggests; None if no date can be read."""
    database = tables.database
    if tables.date is None:
        return None
    (dated,) = one_row(database, "SELECT count(day) FROM documents")
    if dated == 0:
        return None
    ends = max(int(dated * _FAR), 1) if dated >= _FEW else 0
    share = (ends + 0.5) / dated
    query = f"SELECT quantile_disc(day, {share}), quantile_disc(day, {1 - share}) FROM documents WHERE day IS NOT NULL"
    begin, end = one_row(database, query)
    # the span of a few documents says little about where the next one lies
    margin = max(timedelta(days=31), (end - begin) / 2 if dated * _FAR >= 1 else (end - begin) * 2)
    first, last = begin.toordinal() - margin.days, end.toordinal() + margin.days
    near = f"day BETWEEN DATE '{_day(first)}' AND DATE '{_day(last)}'"
    begin, end, far, undated = one_row(
        database,
        f"SELECT min(day) FILTER ({near}), max(day) FILTER ({near}), count(day) FILTER (NOT {near}), "
        "count(*) FILTER (day IS NULL) FROM documents",
    )
    grain = _grain(begin, end)
    units = f"(SELECT *, CAST(date_trunc('{grain}', day) AS DATE) AS period FROM documents WHERE {near})"
    shares = measure(database, units, len(tables.manifest.frames), ["period"], calibrated=True)
    unreadable = database.execute(
        "SELECT DISTINCT CAST(written AS VARCHAR) AS w FROM documents "
        "WHERE day IS NULL AND trim(CAST(written AS VARCHAR)) <> '' ORDER BY w LIMIT 5"
    ).fetchall()
    first_period, last_period = shares[0].group[0], shares[-1].group[0]
    periods = list(_periods(first_period, last_period, grain))
    return Timeline(grain, shares, periods, undated, [row[0] for row in unreadable], far)


def _grain(begin: date, end: date) -> str:
    days = (end - begin).days
    if days <= 45:
        return "day"
    if days <= 250:
        return "week"
    return "month" if days <= 366 * 8 else "year"


def _day(ordinal: int) -> date:
    return date.fromordinal(min(max(ordinal, date.min.toordinal()), date.max.toordinal()))


def _periods(first: date, last: date, grain: str) -> Iterator[date]:
    """The first days of all periods, those without documents as well."""
    day = first
    yield day
    while day < last:
        if grain == "year":
            day = date(day.year + 1, 1, 1)
        elif grain == "month":
            day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
        else:
            day += timedelta(days=7 if grain == "week" else 1)
        yield day
