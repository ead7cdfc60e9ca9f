"""The faults that pydantic finds, in words for people."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from reprlib import Repr
from typing import Any

from pydantic import ValidationError

from model.yaml_text import find_lines

#: Faults whose message shows what was seen, or that nothing was.
_TOLD = ("missing", "value_error", "unknown_mention", "blank_mention")
#: What pydantic calls by the names of Python.
_LISTS, _OBJECTS = ("tuple_type", "list_type"), ("model_type", "model_attributes_type", "dict_type")


def describe(error: ValidationError, an_object: str = "a JSON object") -> list[str]:
    """One line a fault of a pydantic error: the field's path, what is wrong, and the value seen.

    Args:
        error: the error.
        an_object: what the file's language calls fields with their values.
    """
    return [_line(fault, an_object) for fault in without_consequences(error.errors(include_url=False))]


def describe_yaml(error: ValidationError, text: str, path: Path) -> list[str]:
    """The same of a file in YAML that holds ``text``, with the line of each field."""
    faults = without_consequences(error.errors(include_url=False))
    numbers = iter(find_lines(text, [fault["loc"] for fault in faults if fault["loc"]]))
    places = [f"{path}:{next(numbers)}" if fault["loc"] else f"{path}" for fault in faults]
    return [f"{place}: {_line(fault, 'a mapping')}" for place, fault in zip(places, faults, strict=True)]


def without_consequences(faults: Sequence[Any]) -> list[Any]:
    """The faults that pydantic names, without lists that are too short only because it leaves out faulty items."""
    within = {fault["loc"][:depth] for fault in faults for depth in range(len(fault["loc"]))}
    return [fault for fault in faults if fault["type"] != "too_short" or fault["loc"] not in within]


def field_name(loc: Iterable[int | str]) -> str:
    """A field's path as people write it, such as ``actors[0].end``; empty for the whole record."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")


def _line(fault: Any, an_object: str) -> str:
    field = field_name(fault["loc"])
    told = fault["type"] in _TOLD or (not field and isinstance(fault["input"], dict))
    message = fault["msg"].removeprefix("Value error, ")  # which pydantic writes before words of our own
    if fault["type"] in (*_LISTS, *_OBJECTS):
        message = f"{'a list' if fault['type'] in _LISTS else an_object} is needed"
    if fault["type"] == "string_too_short" and not fault["input"]:
        message, told = "empty; give it letters or digits", True
    quotes = fault["type"] == "string_type" and isinstance(fault["input"], (bool, int, float, date))
    remedy = "; put it in quotes" if quotes else ""
    seen = "" if told else f" (seen: {'null' if fault['input'] is None else _shorten(fault['input'])})"
    return f"{field or 'the whole record'}: {message}{remedy}{seen}"


class _Beginning(Repr):
    """A value's representation, for which no more of it is read than is shown: aliases can make it endless."""

    def repr_int(self, x: int, level: int) -> str:
        """Python writes no more than some thousand decimal digits."""
        return str(x) if x.bit_length() < 1_000 else hex(x)


def _shorten(value: object, length: int = 60) -> str:
    beginning = _Beginning()
    beginning.maxlevel = 2
    beginning.maxlist = beginning.maxtuple = beginning.maxdict = length
    beginning.maxstring = beginning.maxother = 4 * length
    text = beginning.repr(value).encode("ascii", "backslashreplace").decode()
    return text if len(text) <= length else text[: length - 1] + "…"
