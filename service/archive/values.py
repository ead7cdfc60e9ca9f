"""The types of the columns that pass through, and their values."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

_NUMBERS = {"integer", "number"}
_PLAIN = {bool: "boolean", float: "number", str: "string", datetime: "timestamp", date: "timestamp", type(None): "null"}
_LARGEST = 2**63
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}(?:[eE][-+]?[0-9]{1,2})?")
_BOOLEANS = {word: word.lower() == "true" for word in ("true", "false", "True", "False", "TRUE", "FALSE")}
#: No number is longer.
_LONGEST = 42


def infer(value: object) -> str:
    """The type of a value as its file gives it; what is nested, and a number too large, are strings."""
    if type(value) is int:
        return "integer" if -_LARGEST <= value < _LARGEST else "string"
    return _PLAIN.get(type(value), "string")


def widen(one: str, other: str) -> str:
    """The type that has room for the values of both."""
    if one == other or other == "null":
        return one
    if one == "null":
        return other
    return "number" if {one, other} == _NUMBERS else "string"


def extend(joined: dict[str, str], types: Mapping[str, str]) -> None:
    """Let the columns of several inputs, in order of appearance, be those of one more; ``null`` has no value yet."""
    for name, kind in types.items():
        joined[name] = widen(joined.get(name, "null"), kind)


def settle(joined: Mapping[str, str]) -> dict[str, str]:
    """The columns of all inputs; one without any value is a ``string``."""
    return {name: "string" if kind == "null" else kind for name, kind in joined.items()}


def read_cell(cell: str | None) -> object:
    """The value that a cell of CSV spells; what begins with idle zeros (``007``) is a string."""
    if cell is None or len(cell) > _LONGEST:
        return cell
    if _INTEGER.fullmatch(cell):
        return int(cell)
    if _NUMBER.fullmatch(cell):
        return float(cell)
    return _BOOLEANS.get(cell, cell)


def is_writable(text: str) -> bool:
    """Whether UTF-8 can write it: there is no half of a surrogate pair in it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def convert(value: object, kind: str) -> object:
    """A value, or the cell that spells it, in the type of its column.

    Raises:
        UnicodeEncodeError: it is a string that UTF-8 cannot write.
    """
    if kind != "string" and isinstance(value, str):
        value = read_cell(value)
    if value is None:
        return None
    if kind == "number":
        return float(value)  # type: ignore[arg-type]
    if kind == "timestamp" and isinstance(value, date):
        return _moment(value)
    if kind != "string":
        return value
    text = _write(value)
    text.encode()
    return text


def _moment(value: date) -> datetime:
    """A date begins at midnight; what has no time zone is in UTC."""
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _write(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False, default=str)
