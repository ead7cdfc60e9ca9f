"""Checking annotations that were sent against the codebook."""

import re
from collections.abc import Sequence

from model.annotation import check
from model.codebook import Codebook
from service.annotations.wire import SentAnnotation
from service.problems import Fault, fault, invalid
from service.request import BODY, Place

_STEP = re.compile(r"(\w+)|\[(\d+)\]")
_MOST_FAULTS = 1_000
_PLACE: Place = (*BODY, "annotations")


def check_number(sent: Sequence[SentAnnotation], most: int) -> None:
    """Check that they are few enough.

    Raises:
        ProblemError: 422.
    """
    if len(sent) > most:
        raise fault(_PLACE, "too_many", f"{len(sent)} annotations; send at most {most} a request")


def check_all(sent: Sequence[SentAnnotation], codebook: Codebook) -> None:
    """Check that their labels are the codebook's, their spans lie within their texts, and no sentence comes twice.

    Raises:
        ProblemError: 422 that names every field at fault, unless they are thousands.
    """
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for number, one in enumerate(sent):
        for line in check(one.annotation("?"), codebook):
            field, message = line.split(": ", 1)
            faults.append(Fault(loc=(*_PLACE, number, *_way(field)), msg=message, type="codebook"))
        if one.sentence in seen:
            message = f"{one.sentence!r} is the sentence of annotation {seen[one.sentence]} already; send each once"
            faults.append(Fault(loc=(*_PLACE, number, "id"), msg=message, type="duplicate_id"))
        seen.setdefault(one.sentence, number)
    if len(faults) > _MOST_FAULTS:
        raise fault(_PLACE, "too_many_faults", f"{len(faults)} faults are too many to name; is it the codebook's form?")
    if faults:
        raise invalid(faults)


def _way(field: str) -> list[str | int]:
    """``actors[0].stance`` as the steps that lead there."""
    return [name or int(number) for name, number in _STEP.findall(field)]
