"""doccano's JSON Lines: frames as categories and stances as labelled spans.

Written as for a project of the kind "Intent Detection and Slot Filling", which has both; what text classification and
sequence labelling projects export is read, too. doccano counts UTF-16 units, as its page runs in JavaScript. Fields
that it does not know it keeps as metadata: there stand the sentence's id, document, annotator and origin and the
actors' ids.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from model.annotation import Annotation
from model.codebook import Codebook
from training.formats.intake import Intake
from training.formats.lines import first_object, read_rows, write_objects
from training.formats.utf16 import Utf16

#: The label of a span on which the annotators could not agree; no stance can be called so.
UNDECIDED = "UNDECIDED"
_LABELS = ("label", "labels")


class _Span(BaseModel):
    """A labelled span; doccano writes ``[start, end, label]`` or an object."""

    model_config = ConfigDict(strict=True)

    start_offset: int
    end_offset: int
    label: str

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, value: Any) -> Any:
        if isinstance(value, list) and len(value) == 3:
            return dict(zip(("start_offset", "end_offset", "label"), value, strict=True))
        return value


class _Row(BaseModel):
    """One line of an export."""

    model_config = ConfigDict(strict=True)

    text: str
    cats: list[str] = []
    entities: list[_Span] = []
    actors: list[_Span] = []
    sentence_id: str | None = None
    document: str | None = None
    annotator: str | None = None
    origin: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _sort_labels(cls, row: dict[str, Any]) -> dict[str, Any]:
        """Sort ``label`` or ``labels``, which hold strings in some kinds of project and spans in others."""
        given = [name for name in _LABELS if name in row]
        if not given and not {"cats", "entities"} & row.keys():
            raise _fault("none of the fields label, cats and entities is there; give one, empty where nothing holds")
        if not given:
            return row
        labels = [row[given[0]]] if isinstance(row[given[0]], str) else row[given[0]]
        if len(given) > 1 or not isinstance(labels, list):
            raise _fault(f"{' and '.join(given)}: one list of categories or spans is needed")
        sorted_labels = {
            "cats": [label for label in labels if isinstance(label, str)],
            "entities": [label for label in labels if not isinstance(label, str)],
        }
        rest = {name: value for name, value in row.items() if name not in _LABELS}
        for name, found in sorted_labels.items():
            if found and rest.get(name, found) not in ([], found):
                raise _fault(f"{given[0]} and {name} differ; keep one of the two")
            if found:
                rest[name] = found
        return rest


_READ = {*_Row.model_fields, *_LABELS, "id"}


def _fault(what: str) -> PydanticCustomError:
    return PydanticCustomError("labels", "{what}", {"what": what})


class Doccano:
    """doccano; offsets count UTF-16 units."""

    name = "doccano"
    summary = "doccano's JSON Lines: categories and labelled spans"
    folder = False

    def recognises(self, path: Path, head: str) -> bool:
        """Whether the first line has doccano's fields."""
        first = first_object(head)
        if first is None or "text" not in first or "answer" in first:
            return False
        return any(isinstance(first.get(name), list) for name in ("label", "cats", "entities"))

    def files(self, folder: Path) -> list[Path]:
        """Every ``*.jsonl`` below."""
        return sorted(folder.rglob("*.jsonl"))

    def read(self, paths: Sequence[Path], intake: Intake) -> None:
        """Read exports; relations, comments and fields that are none of doccano's or ours are left out, and counted."""
        for path in paths:
            for at, _, row in read_rows(path, intake, _Row, self.name, _READ.__contains__):
                self._add(path, at, row, intake)

    def _add(self, path: Path, at: int, row: _Row, intake: Intake) -> None:
        offsets = Utf16(row.text)
        actors = _actors(row, intake)
        found: dict[str, list[Any]] = {"actors": [], "undecided": []}
        faulty = False
        for number, span in enumerate(row.entities):
            start, end = offsets.point(span.start_offset), offsets.point(span.end_offset)
            if start is None or end is None:
                units = offsets.units(len(row.text))
                what = f"{span.start_offset}-{span.end_offset} is no part of the text, which has {units} UTF-16 units"
                intake.fault(path, at, f"entities[{number}]: {what}")
                faulty = True
            elif span.label == UNDECIDED:
                found["undecided"].append({"start": start, "end": end})
            else:
                actor = actors.get((span.start_offset, span.end_offset))
                found["actors"].append({"start": start, "end": end, "stance": span.label, "actor": actor})
        if not faulty:
            who = {"id": row.sentence_id, "document": row.document, "annotator": row.annotator, "origin": row.origin}
            intake.add(path, at, {**who, "text": row.text, "frames": row.cats, **found})

    def write(self, annotations: Sequence[Annotation], target: Path, codebook: Codebook) -> None:
        """Write one sentence a line."""
        write_objects(target, map(_row, annotations))


def _actors(row: _Row, intake: Intake) -> dict[tuple[int, int], str]:
    """The actors' ids by place; the id of a span that was moved since is that of the one that overlaps it."""
    given = {(span.start_offset, span.end_offset): span.label for span in row.actors}
    places = [(span.start_offset, span.end_offset) for span in row.entities if span.label != UNDECIDED]
    found = {place: given.pop(place) for place in dict.fromkeys(places) if place in given}
    for (start, end), actor in given.items():
        moved = [place for place in places if place not in found and place[0] < end and start < place[1]]
        if len(moved) == 1:
            found[moved[0]] = actor
        else:
            intake.note(f"doccano: the actor's id {actor!r} left out, its span is gone or cannot be told from others")
    return found


def _row(annotation: Annotation) -> dict[str, Any]:
    units = Utf16(annotation.text).units
    spans = [(units(span.start), units(span.end), span) for span in annotation.actors]
    return {
        "text": annotation.text,
        "cats": list(annotation.frames),
        "entities": [
            *([start, end, actor.stance] for start, end, actor in spans),
            *([units(span.start), units(span.end), UNDECIDED] for span in annotation.undecided),
        ],
        "actors": [[start, end, actor.actor] for start, end, actor in spans if actor.actor is not None],
        "sentence_id": annotation.id,
        "document": annotation.document,
        "annotator": annotation.annotator,
        "origin": annotation.origin,
    }
