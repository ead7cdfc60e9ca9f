from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from service.archive.values import convert, extend, infer, read_cell, settle, widen


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, "boolean"),
        (7, "integer"),
        (2**63, "string"),
        (0.5, "number"),
        ("2024-03-05", "string"),
        (date(2024, 3, 5), "timestamp"),
        (None, "null"),
        ([1], "string"),
        ({"a": None}, "string"),
    ],
)
def test_types_are_those_of_the_file(value: object, kind: str) -> None:
    assert infer(value) == kind


def test_conflicts_become_strings_but_integers_fit_into_numbers() -> None:
    assert widen("integer", "number") == widen("number", "integer") == "number"
    assert widen("boolean", "integer") == "string"
    assert widen("null", "integer") == widen("integer", "null") == "integer"
    joined: dict[str, str] = {}
    for types in ({"a": "integer", "b": "null"}, {"a": "number", "c": "null"}, {"b": "boolean"}):
        extend(joined, types)
    assert settle(joined) == {"a": "number", "b": "boolean", "c": "string"}


@pytest.mark.parametrize(
    ("value", "kind", "converted"),
    [
        (7, "number", 7.0),
        (7, "string", "7"),
        (True, "string", "true"),
        ({"a": [None, "é"]}, "string", '{"a": [null, "é"]}'),
        ("007", "string", "007"),
        ("7", "integer", 7),
        ("7", "number", 7.0),
        ("1.10", "string", "1.10"),
        ("False", "boolean", False),
        (date(2024, 3, 5), "timestamp", datetime(2024, 3, 5, tzinfo=UTC)),
        (datetime(2024, 3, 5, 1), "timestamp", datetime(2024, 3, 5, 1, tzinfo=UTC)),
        (
            datetime(2024, 3, 5, 1, tzinfo=timezone(timedelta(hours=2))),
            "timestamp",
            datetime(2024, 3, 4, 23, tzinfo=UTC),
        ),
        (datetime(2024, 3, 5, 1), "string", "2024-03-05T01:00:00"),
        (None, "integer", None),
    ],
)
def test_values_become_what_their_column_is(value: object, kind: str, converted: object) -> None:
    assert convert(value, kind) == converted


def test_a_cell_is_a_number_only_if_nothing_is_lost() -> None:
    assert [
        read_cell(cell) for cell in ("7", "-7", "0", "1.5", "1e5", "007", "+7", "1_000", " 7", "", "nan", "9" * 19)
    ] == [*(7, -7, 0, 1.5, "1e5", "007", "+7", "1_000", " 7", "", "nan", "9" * 19)]
