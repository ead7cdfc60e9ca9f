"""What can be checked of a record of labels that has faults, so that all of its faults are named at once."""

from functools import reduce
from operator import getitem
from typing import Any

from pydantic import ValidationError

from model.faults import field_name

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
    name, last = field_name(loc), loc[-1]
    match loc:
        case ("frames" | "actors" | "undecided",):
            parent[last] = []
        case ("start" | "end",):  # of the sentence in its corpus
            parent |= {"start": 0, "end": 1}
            return {"start", "end"}
        case ("actors" | "undecided" as spans, int()):
            parent[last] = {"start": 0, "end": 0} | ({"stance": ""} if spans == "actors" else {})
            return {*_places(name), f"{name}.stance"}
        case (_, int(), "start" | "end"):
            parent |= {"start": 0, "end": 0}
            return _places(field_name(loc[:-1]))
        case (_, int(), _):
            parent[last] = None if last == "actor" else ""
        case _:
            parent[last] = "0" * 64 if last == "sha256" else str(loc)
    return {name}


def _places(span: str) -> set[str]:
    """What `check` calls a span whose place is faulty."""
    return {span, f"{span}.end"}
