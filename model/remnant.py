"""What can be checked of a record of labels that has faults, so that all of its faults are named at once."""

from functools import reduce
from operator import getitem
from typing import Any

from pydantic import ValidationError

_SPANS = ("actors", "undecided")


def fill_in(content: Any, error: ValidationError) -> frozenset[str]:
    """Put sound values where ``error`` finds faults in ``content``, and strike unknown fields.

    Returns:
        The fields, such as ``actors[0].end``, of which nothing can be said then.
    """
    unknown: set[str] = set()
    for fault in error.errors(include_url=False):
        if not fault["loc"]:  # no object at all
            return frozenset()
        *way, last = fault["loc"]
        parent = reduce(getitem, way, content)
        if fault["type"] == "extra_forbidden":
            del parent[last]
        else:
            unknown |= _fill(parent, fault["loc"])
    if unknown & {"text", "end"}:
        for name in _SPANS:
            for number in range(len(content.get(name, ()))):
                unknown |= _places(f"{name}[{number}]")
    return frozenset(unknown)


def _fill(parent: Any, loc: tuple[int | str, ...]) -> set[str]:
    """Fill in what stands at ``loc``, within ``parent``; returns the fields of which nothing can be said then."""
    match loc:
        case ("frames" | "actors" | "undecided" as name,):
            parent[name] = []
            return {name}
        case ("start" | "end",):  # of the sentence in its corpus
            parent |= {"start": 0, "end": 1}
            return {"start", "end"}
        case ("frames", int(number)):
            parent[number] = str(loc)
            return {f"frames[{number}]"}
        case (str(name), int(number)):
            parent[number] = {"start": 0, "end": 0} | ({"stance": ""} if name == "actors" else {})
            return {*_places(f"{name}[{number}]"), f"{name}[{number}].stance"}
        case (str(name), int(number), "start" | "end"):
            parent |= {"start": 0, "end": 0}
            return _places(f"{name}[{number}]")
        case (str(name), int(number), str(field)):
            parent[field] = None if field == "actor" else ""
            return {f"{name}[{number}].{field}"}
        case _:
            (top,) = loc
            parent[top] = "0" * 64 if top == "sha256" else str(loc)
            return {str(top)}


def _places(span: str) -> set[str]:
    """What `check` calls a span whose place is faulty."""
    return {span, f"{span}.end"}
