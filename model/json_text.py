"""JSON as the standard has it, in which no key stands twice: of two values one would be lost."""

import json
from collections import Counter
from typing import Any, NoReturn

#: How Python begins to say that it reads no number of so many digits.
_TOO_LONG = "Exceeds the limit"


def each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, none of whose keys stands twice."""
    content = dict(pairs)
    if len(content) < len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise ValueError(f"the key {twice!r} stands twice; give it once")
    return content


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"not JSON: {constant} is no value there; give null, or leave it out")


_DECODER = json.JSONDecoder(object_pairs_hook=each_once, parse_constant=_refuse)


def read_json(text: str | bytes) -> Any:
    """What a text in JSON says; bytes are UTF-8.

    Raises:
        ValueError: what is wrong with it, for a person.
    """
    try:
        return _DECODER.decode((text if isinstance(text, str) else text.decode("utf-8-sig")).rstrip())
    except (ValueError, RecursionError) as error:
        raise ValueError(explain(error)) from None


def explain(error: ValueError | RecursionError) -> str:
    """Why Python cannot read a text as JSON, for a person; the place is one within the text."""
    match error:
        case json.JSONDecodeError(msg=message, lineno=line, colno=column):
            place = f"column {column}" if line == 1 else f"line {line}, column {column}"
            return f"not JSON: {message.rstrip(': ').removesuffix(' at')} at {place}"
        case UnicodeDecodeError(start=start):
            return f"not UTF-8 at byte {start} of the line"
        case RecursionError():
            return "lists and objects stand too deeply in one another"
    return "a number is too long" if str(error).startswith(_TOO_LONG) else str(error)
