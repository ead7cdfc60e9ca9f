"""A key that stands twice in a JSON object: of two values one would be lost."""

import json
from typing import Any

from model.json_text import each_once


class _Object(list[tuple[str, Any]]):
    """An object's keys and values as they stand."""


def find_repeated_key(body: bytes) -> tuple[str | int, ...] | None:
    """The way to the first key of a JSON text that stands in its object already, None where there is none."""
    try:
        json.loads(body, object_pairs_hook=each_once)
    except ValueError:
        return _find(json.loads(body, object_pairs_hook=_Object))
    return None


def _find(value: Any) -> tuple[str | int, ...] | None:
    if not isinstance(value, list):
        return None
    seen: set[str | int] = set()
    for key, inner in value if isinstance(value, _Object) else enumerate(value):
        if key in seen:
            return (key,)
        seen.add(key)
        below = _find(inner)
        if below is not None:
            return (key, *below)
    return None
