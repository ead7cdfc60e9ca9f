"""From a column's values to days, whatever way the dates are written."""

import re
from collections.abc import Sequence

_TIMES = ("", " %H:%M", " %H:%M:%S", "T%H:%M:%S")
_DAY_FIRST = tuple(f"%d/%m/%Y{time}" for time in _TIMES)
_MONTH_FIRST = tuple(f"%m/%d/%Y{time}" for time in _TIMES)
_OTHERS = (
    *(f"%d.%m.%Y{time}" for time in _TIMES), "%d-%m-%Y", "%Y-%m", "%Y/%m", "%d %B %Y", "%d %b %Y", "%B %d, %Y",
    "%b %d, %Y", "%B %Y", "%b %Y",
)  # fmt: skip
#: Years of two digits, tried where none of four fits; 69 to 99 are those before 2000.
_SHORT_DAY_FIRST = tuple(f"%d/%m/%y{time}" for time in _TIMES)
_SHORT_MONTH_FIRST = tuple(f"%m/%d/%y{time}" for time in _TIMES)
_SHORT_OTHERS = (*(f"%d.%m.%y{time}" for time in _TIMES), "%d %b %y", "%d %B %y")
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE")


def day_of(column: str, kind: str, *, month_first: bool = False) -> str:
    """The SQL expression (DuckDB) of the day of ``column``, NULL where the value is no date.

    A time zone is not converted: the day is the one that stands there. Years, YYYYMMDD and seconds or milliseconds
    since 1970 are understood, too. What lies outside the years 1400 to 2200 is no date.

    Args:
        column: SQL of the value.
        kind: its SQL type.
        month_first: whether 3/4/2024 is the fourth of March.
    """
    if kind.startswith(("DATE", "TIMESTAMP")):
        return _bounded(f"CAST({column} AS DATE)")
    if kind in _NUMBERS:
        return _from_number(f"TRY_CAST({column} AS BIGINT)")
    text = f"trim(CAST({column} AS VARCHAR))"
    long = (*(_MONTH_FIRST if month_first else _DAY_FIRST), *_OTHERS)
    short = (*(_SHORT_MONTH_FIRST if month_first else _SHORT_DAY_FIRST), *_SHORT_OTHERS)
    # the head of an e-mail's or a feed's date: "Fri, 01 Mar 2024 10:00:00 GMT"
    feed = f"regexp_extract({text}, '^[A-Za-z]{{3}}, (\\d{{1,2}} [A-Za-z]{{3}} \\d{{4}})', 1)"
    year_first = f"CASE WHEN regexp_matches({text}, '^\\d{{4}}[-/]') THEN TRY_CAST({text} AS DATE) END"
    days = (year_first, _parsed(text, long), _parsed(text, short), _parsed(feed, ("%d %b %Y",)))
    return (
        f"CASE WHEN regexp_full_match({text}, '\\d+') THEN {_from_number(f'TRY_CAST({text} AS BIGINT)')} "
        f"ELSE coalesce({', '.join(map(_bounded, days))}) END"
    )


def is_text(kind: str) -> bool:
    """Whether dates of this SQL type are written out, so that the order of day and month is open."""
    return not kind.startswith(("DATE", "TIMESTAMP")) and kind not in _NUMBERS


def slashed(column: str) -> str:
    """The SQL condition that ``column`` has the form 3/4/2024 or 3/4/24."""
    return f"regexp_matches(trim(CAST({column} AS VARCHAR)), '^\\d{{1,2}}/\\d{{1,2}}/(\\d{{4}}|\\d{{2}})(\\D|$)')"


def _parsed(text: str, formats: Sequence[str]) -> str:
    names = ", ".join(f"'{name}'" for name in formats)
    return f"CAST(try_strptime({text}, [{names}]) AS DATE)"


def _bounded(day: str) -> str:
    return f"CASE WHEN {day} BETWEEN DATE '1400-01-01' AND DATE '2200-12-31' THEN {day} END"


def _from_number(number: str) -> str:
    return re.sub(
        r"\s+",
        " ",
        f"""CASE WHEN {number} BETWEEN 1400 AND 2200 THEN make_date({number}, 1, 1)
        WHEN {number} BETWEEN 14000101 AND 22001231 THEN CAST(try_strptime(CAST({number} AS VARCHAR), '%Y%m%d') AS DATE)
        WHEN {number} BETWEEN 100000000 AND 7289654399 THEN CAST(epoch_ms({number} * 1000) AS DATE)
        WHEN {number} BETWEEN 100000000000 AND 7289654399999 THEN CAST(epoch_ms({number}) AS DATE) END""",
    )
