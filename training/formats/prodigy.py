"""Prodigy's JSON Lines: frames as a choice, stances as labelled spans, and the answer.

Offsets count code points, as they are those of spaCy. A choice is taken where the answer is ``accept``; examples that
were rejected or ignored say nothing of the sentence and are left out. Binary examples (one ``label`` a line) of one
sentence are put together, when there is an answer for each frame.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from model.annotation import Annotation
from model.codebook import Codebook
from training.formats.doccano import UNDECIDED
from training.formats.intake import Intake
from training.formats.layers import to_layers
from training.formats.lines import first_object, read_rows, write_objects


class _Span(BaseModel):
    """A labelled span."""

    model_config = ConfigDict(strict=True)

    start: int
    end: int
    label: str
    actor: str | None = None


class _Meta(BaseModel):
    """What Prodigy shows beside an example; other fields are of no concern."""

    model_config = ConfigDict(strict=True)

    id: str | None = None
    document: str | None = None
    origin: str | None = None


class _Example(BaseModel):
    """One line of ``prodigy db-out``."""

    model_config = ConfigDict(strict=True)

    text: str
    answer: Literal["accept", "reject", "ignore"]
    spans: list[_Span] = []
    accept: list[str] = []
    label: str | None = None
    meta: _Meta = _Meta()
    annotator: str | None = Field(None, alias="_annotator_id")
    session: str | None = Field(None, alias="_session_id")
    input_hash: int | None = Field(None, alias="_input_hash")

    @property
    def who(self) -> str | None:
        """Who gave the answer."""
        return self.annotator or self.session


#: What is read, and what Prodigy adds that says nothing of the sentence.
_KNOWN = {field.alias or name for name, field in _Example.model_fields.items()} | {"tokens", "options", "config"}


class Prodigy:
    """Prodigy; offsets count code points."""

    name = "prodigy"
    summary = "Prodigy's JSON Lines: spans, choices, accepted and rejected answers"
    folder = False

    def recognises(self, path: Path, head: str) -> bool:
        """Whether the first line has Prodigy's fields."""
        first = first_object(head)
        return first is not None and "text" in first and bool({"answer", "_task_hash", "_input_hash"} & {*first})

    def files(self, folder: Path) -> list[Path]:
        """Every ``*.jsonl`` below."""
        return sorted(folder.rglob("*.jsonl"))

    def read(self, paths: Sequence[Path], intake: Intake) -> None:
        """Read exported examples."""
        for path in paths:
            binary: dict[object, list[tuple[int, _Example]]] = {}
            for at, record, example in read_rows(path, intake, _Example, self.name, _is_known):
                if example.label is not None and "accept" not in record:
                    binary.setdefault((example.who, example.input_hash, example.text), []).append((at, example))
                elif example.answer != "accept":
                    intake.note(f"prodigy: example with the answer {example.answer!r} left out")
                elif "accept" not in record:
                    intake.fault(path, at, "accept: missing; give the frames, as [] where none holds")
                elif example.label not in (None, *example.accept):
                    intake.fault(
                        path, at, f"label: {example.label!r} is not among those in accept; keep one of the two"
                    )
                else:
                    intake.add(path, at, {**_fields(example), "frames": example.accept})
            for examples in binary.values():
                _add_binary(path, examples, intake)

    def write(self, annotations: Sequence[Annotation], target: Path, codebook: Codebook) -> None:
        """Write one accepted example a line, with the frames as options and the tokens that spans need."""
        options = [{"id": frame.id, "text": frame.name} for frame in codebook.frames]
        write_objects(target, (_example(annotation, options) for annotation in annotations))


def _is_known(field: str) -> bool:
    return field in _KNOWN or field.startswith("_")


def _fields(example: _Example) -> dict[str, Any]:
    actors = [
        {"start": span.start, "end": span.end, "stance": span.label, "actor": span.actor}
        for span in example.spans
        if span.label != UNDECIDED
    ]
    undecided = [{"start": span.start, "end": span.end} for span in example.spans if span.label == UNDECIDED]
    return {
        **example.meta.model_dump(),
        "annotator": example.who,
        "text": example.text,
        "actors": actors,
        "undecided": undecided,
    }


def _add_binary(path: Path, examples: Sequence[tuple[int, _Example]], intake: Intake) -> None:
    """Put the answers about one sentence together; answers, spans or ids that contradict each other are faults."""
    frames = intake.codebook.frame_ids
    answered = [(number, example) for number, example in examples if example.answer != "ignore"]
    at, first = [*answered, *examples][0]
    answers: dict[str | None, str] = {}
    faults = [
        (number, f"label: {example.label!r} is not a frame ({', '.join(frames)})")
        for number, example in examples
        if example.label not in frames
    ]
    for number, example in answered:
        if answers.setdefault(example.label, example.answer) != example.answer:
            faults.append((number, f"label: {example.label!r} is both accepted and rejected; keep one answer"))
        if _fields(example) != _fields(first):
            faults.append((number, f"spans, meta: not those that line {at} has for the same sentence; make them alike"))
    missing = [frame for frame in frames if frame not in answers]
    if missing and not faults:
        faults.append((at, f"label: no accept or reject of {', '.join(missing)} for this sentence; answer those, too"))
    for number, fault in faults:
        intake.fault(path, number, fault)
    if not faults:
        intake.add(path, at, {**_fields(first), "frames": [frame for frame in frames if answers[frame] == "accept"]})


def _example(annotation: Annotation, options: Sequence[dict[str, str]]) -> dict[str, Any]:
    text = annotation.text
    tokens = to_layers([annotation]).tokens(0, len(text))
    first = {start: number for number, (start, _) in enumerate(tokens)}
    last = {end: number for number, (_, end) in enumerate(tokens)}
    spans = [
        *(
            (span, {"label": span.stance} | ({} if span.actor is None else {"actor": span.actor}))
            for span in annotation.actors
        ),
        *((span, {"label": UNDECIDED}) for span in annotation.undecided),
    ]
    return {
        "text": text,
        "meta": {"id": annotation.id, "document": annotation.document, "origin": annotation.origin},
        "tokens": [
            {"id": number, "start": start, "end": end, "text": text[start:end], "ws": text[end : end + 1].isspace()}
            for number, (start, end) in enumerate(tokens)
        ],
        "spans": [
            {
                "start": span.start,
                "end": span.end,
                "token_start": first[span.start],
                "token_end": last[span.end],
                **label,
            }
            for span, label in spans
        ],
        "options": options,
        "accept": list(annotation.frames),
        "_view_id": "blocks",
        "_annotator_id": annotation.annotator,
        "_session_id": annotation.annotator,
        "answer": "accept",
    }
