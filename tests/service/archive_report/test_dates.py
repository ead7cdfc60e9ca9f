"""Days from dates of every make."""

import datetime as dt

import duckdb
import pytest

from service.archive_report.dates import day_of, slashed

FIRST_OF_MARCH = dt.date(2024, 3, 1)


def day(value: object, kind: str = "VARCHAR", *, month_first: bool = False) -> object:
    (row,) = duckdb.execute(
        f"SELECT {day_of('v', kind, month_first=month_first)} FROM (SELECT CAST(? AS {kind}) AS v)", [value]
    ).fetchall()
    return row[0]


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-01", "2024-03-01T23:59:59Z", "2024-03-01T23:30:00+02:00", "2024-03-01 08:00:00.25", "2024/03/01",
        "20240301", " 2024-03-01 ", "Fri, 01 Mar 2024 10:00:00 GMT", "Fri, 1 Mar 2024 23:00:00 -0500", "1 March 2024",
        "March 1, 2024", "1 Mar 2024", "01.03.2024", "01.03.2024 09:15", "1/3/2024", "2024-03", "1709290000",
        "1709290000000", "01/03/24", "1/3/24 09:15", "1.3.24", "1 Mar 24", "1 March 24",
    ],
)  # fmt: skip
def test_text_of_any_usual_form_is_read(text: str) -> None:
    assert day(text) == FIRST_OF_MARCH


@pytest.mark.parametrize(
    "text",
    [
        "", "yesterday", "2024-13-45", "12", "99999999", "32/1/2024", "0000-00-00",
        "5-3-24", "24-03-05", "24/03", "20240-01-05", "9999-12-31", "1399-12-31", "31.12.2201", "9999999999",
    ],
)  # fmt: skip
def test_what_is_no_date_is_none(text: str) -> None:
    assert day(text) is None


def test_months_can_come_first() -> None:
    assert day("3/1/2024", month_first=True) == FIRST_OF_MARCH
    assert day("3/1/24", month_first=True) == FIRST_OF_MARCH


def test_dates_with_slashes_are_known() -> None:
    texts = ("1/3/2024", "01/03/24", "1/3/24 09:15", "1/3/2024T09:15:00", "1/3/024", "2024/3/1", "1.3.24")
    found = [duckdb.execute(f"SELECT {slashed('v')} FROM (SELECT ? AS v)", [text]).fetchone() for text in texts]
    assert found == [(True,), (True,), (True,), (True,), (False,), (False,), (False,)]


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (20240301, "BIGINT", FIRST_OF_MARCH),
        (2024, "BIGINT", dt.date(2024, 1, 1)),
        (1709290000.5, "DOUBLE", FIRST_OF_MARCH),
        (FIRST_OF_MARCH, "DATE", FIRST_OF_MARCH),
        (dt.datetime(2024, 3, 1, 12), "TIMESTAMP", FIRST_OF_MARCH),
        (dt.datetime(2024, 3, 1, 12, tzinfo=dt.UTC), "TIMESTAMP WITH TIME ZONE", FIRST_OF_MARCH),
        (7, "BIGINT", None),
        (9999999999999, "BIGINT", None),
        (dt.date(9999, 12, 31), "DATE", None),
        (dt.datetime(1, 1, 1), "TIMESTAMP", None),
        (None, "VARCHAR", None),
    ],
)
def test_columns_of_other_types_are_read(value: object, kind: str, expected: object) -> None:
    assert day(value, kind) == expected
