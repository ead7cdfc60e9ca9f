"""Records in JSON Lines, each line with what is wrong with it."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from model.faults import describe
from model.json_text import read_json
from model.remnant import fill_in

Record = TypeVar("Record", bound=BaseModel)


class Line(NamedTuple, Generic[Record]):
    """A line of labels; where some are faulty, its record has others in their place, so that the rest can be checked.

    ``unknown`` are the fields, as `check` names them, of which nothing can be said then.
    """

    place: str
    record: Record | None
    faults: list[str]
    unknown: frozenset[str] = frozenset()

    def known(self, faults: Iterable[str]) -> list[str]:
        """Those of ``faults`` that are of what stands in the line, with its place; each begins with its field."""
        return [f"{self.place}: {fault}" for fault in faults if fault.partition(": ")[0] not in self.unknown]


def read_records(file: Path, kind: type[Record]) -> Iterator[tuple[str, Record | None, list[str]]]:
    """Yield each line's place, its record (None where it is faulty) and its faults."""
    for place, content, faults in _contents(file):
        if faults:
            yield place, None, faults
            continue
        try:
            yield place, kind.model_validate(content), []
        except ValidationError as error:
            yield place, None, _told(place, error)


def read_labels(file: Path, kind: type[Record]) -> Iterator[Line[Record]]:
    """Yield each line with what can be checked of it."""
    for place, content, faults in _contents(file):
        if faults:
            yield Line(place, None, faults)
            continue
        try:
            yield Line(place, kind.model_validate(content), [])
        except ValidationError as error:
            faults = _told(place, error)
            unknown = fill_in(content, error)
            try:
                yield Line(place, kind.model_validate(content), faults, unknown)
            except ValidationError:
                yield Line(place, None, faults)


def _contents(file: Path) -> Iterator[tuple[str, Any, list[str]]]:
    """Each line's place, its content and, where that is no JSON, the fault; a file that cannot be read is one, too."""
    try:
        lines = file.read_bytes().split(b"\n")
    except OSError as error:
        yield str(file), None, [f"{file}: cannot be read: {error.strerror}"]
        return
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        place = f"{file}:{number}"
        try:
            yield place, read_json(line), []
        except ValueError as error:
            yield place, None, [f"{place}: the whole line: {error}"]


def _told(place: str, error: ValidationError) -> list[str]:
    return [f"{place}: {line}" for line in describe(error)]
