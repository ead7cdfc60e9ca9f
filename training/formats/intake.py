"""Where the formats put what they read: annotations with their places, and every fault."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from model.annotation import NOBODY, Annotation, Places, check
from model.codebook import Codebook
from model.errors import FaultsError
from model.faults import describe
from model.unnamed import document_name, sentence_name
from training.table_columns import Columns

_USUAL = Columns()
_NO_PARTS: Mapping[str, int] = {}


class Intake:
    """Collects annotations and faults while files are read.

    Args:
        codebook: the labels that there are.
        annotator: who annotated, in place of what the files say; needed where they do not say it.
        origin: where the sentences come from, likewise; ``imported`` where nothing says it.
        columns: which columns of a table hold what.
    """

    def __init__(
        self,
        codebook: Codebook,
        annotator: str | None = None,
        origin: str | None = None,
        columns: Columns = _USUAL,
    ) -> None:
        self.codebook = codebook
        self.columns = columns
        self.notes: Counter[str] = Counter()
        self._annotator = annotator
        self._origin = origin
        self._annotations: list[Annotation] = []
        self._faults: list[str] = []
        self._places = Places()
        self._counts: Counter[tuple[str, str]] = Counter()

    def fault(self, path: Path, at: object, what: str) -> None:
        """Note a fault at ``at`` of a file (a line, a record; empty: the whole file): the field, and the remedy."""
        self._faults.append(f"{_place(path, at)}: {what}")

    def note(self, what: str) -> None:
        """Note something that was left out on purpose; the same is counted, not repeated."""
        self.notes[what] += 1

    def add(self, path: Path, at: object, fields: Mapping[str, Any], parts: Mapping[str, int] = _NO_PARTS) -> None:
        """Take one annotation, or its faults.

        Args:
            path: the file.
            at: where it stands there: a line, a record.
            fields: those of an `Annotation`; ``document``, ``id``, ``annotator`` and ``origin`` may be missing or None:
                a document of the sentence's own, an id that follows from document and text, so that every annotator's
                file gives the same, and what was given to this intake.
            parts: the lines of fields such as ``actors[0]`` that stand on lines of their own.
        """
        place = _place(path, at)
        given = {name: value for name, value in fields.items() if value is not None}
        overrides = {"annotator": self._annotator, "origin": self._origin}
        given |= {name: value for name, value in overrides.items() if value is not None}
        given.setdefault("origin", "imported")
        if given.get("annotator", NOBODY) == NOBODY:
            self._faults.append(f"{place}: annotator: the file does not say who annotated; give --annotator NAME")
            given["annotator"] = "unknown"
        self._name(given)
        try:
            annotation = Annotation.model_validate(given)
        except ValidationError as error:
            self._faults += [f"{place}: {fault}" for fault in describe(error)]
            return
        for fault in check(annotation, self.codebook):
            part = next((name for name in parts if fault.startswith(name)), None)
            self._faults.append(f"{place if part is None else _place(path, parts[part])}: {fault}")
        self._faults += self._places.add(annotation.annotator, annotation.id, annotation.text, place)
        self._annotations.append(_ordered(annotation, self.codebook))

    def _name(self, given: dict[str, Any]) -> None:
        """Add the document and the id that lack; where a text stands several times in a document, ids count on."""
        text = given.get("text")
        if not isinstance(text, str):
            text = ""  # a fault, which validation names
        if "document" not in given:
            given["document"] = document_name(text)
            self.note("a sentence that names no document counts as a document of its own")
        if "id" not in given:
            name = sentence_name(str(given["document"]), text)
            self._counts[str(given["annotator"]), name] += 1
            count = self._counts[str(given["annotator"]), name]
            given["id"] = name if count == 1 else f"{name}-{count}"

    def finish(self) -> list[Annotation]:
        """The annotations, in the order in which they came.

        Raises:
            FaultsError: every fault of every file.
        """
        if self._faults:
            raise FaultsError(self._faults)
        return self._annotations


def _place(path: Path, at: object) -> str:
    return f"{path}:{at}" if str(at) else str(path)


def _ordered(annotation: Annotation, codebook: Codebook) -> Annotation:
    """The same with the frames in the codebook's order (unknown ones last) and the spans in the text's."""
    order = {frame: number for number, frame in enumerate(codebook.frame_ids)}
    return annotation.model_copy(
        update={
            "frames": tuple(sorted(annotation.frames, key=lambda frame: order.get(frame, len(order)))),
            "actors": tuple(sorted(annotation.actors, key=lambda span: (span.start, span.end))),
            "undecided": tuple(sorted(annotation.undecided, key=lambda span: (span.start, span.end))),
        }
    )
