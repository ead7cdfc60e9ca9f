"""Frames, actors and stances from the results of one annotation in Label Studio."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from model.codebook import Codebook
from model.label_studio import ACTOR, FRAMES, UNDECIDED
from training.formats.label_studio_task import Result, Value
from training.formats.utf16 import Utf16

_LABELS = ("labels", "hypertextlabels")
#: What Frameline's own configuration labels spans with.
_OWN = (ACTOR, UNDECIDED)


@dataclass
class _Span:
    """A labelled part of the sentence; ``label`` is the stance where that is what it is labelled with."""

    at: str
    start: int
    end: int
    undecided: bool
    label: str | None
    stances: dict[str, None] = field(default_factory=dict)
    actor: str | None = None
    is_reason: bool = False


class Labels:
    """The labels of one sentence.

    The stance toward an actor is a choice of its span, the label of its span, the label of a relation that ends at
    it, or the label of the span (the words that show the stance) to which a relation joins it. Ids and names of the
    codebook count alike; where the name of one is the id of another, it is the id. A span labelled ``actor`` or
    ``undecided`` is no stance, whatever stances are called.

    Args:
        text: the sentence.
        codebook: the labels that there are.
        results: what Label Studio holds.

    Attributes:
        faults: what is wrong, each with its field and the remedy.
        notes: what was left out on purpose.
    """

    def __init__(self, text: str, codebook: Codebook, results: Sequence[Result]) -> None:
        self.faults: list[str] = []
        self.notes: list[str] = []
        self._text = text
        self._frame_ids = _by_name((frame.id, (frame.name,)) for frame in codebook.frames)
        self._stance_ids = _by_name((stance.id, (stance.name,)) for stance in codebook.stances)
        self._actor_ids = _by_name((actor.id, actor.forms) for actor in codebook.actors)
        self._frames: dict[str, None] = {}
        self._spans: dict[str, _Span] = {}
        placed = [(f"result[{number}]", result) for number, result in enumerate(results)]
        for at, result in placed:
            if result.type in _LABELS:
                self._read_span(at, result)
        for at, result in placed:
            if result.type == "relation":
                self._read_relation(result)
            elif result.type not in _LABELS:
                self._read_value(at, result)

    def fields(self) -> dict[str, Any]:
        """Those of an `Annotation` that hold labels; an actor without exactly one stance becomes a fault."""
        actors, undecided = [], []
        for span in self._spans.values():
            place = {"start": span.start, "end": span.end}
            if span.undecided:
                undecided.append(place)
            elif not span.is_reason and len(span.stances) == 1:
                actors.append({**place, "stance": next(iter(span.stances)), "actor": span.actor})
            elif not span.is_reason:
                given = f"{' and '.join(span.stances)}: keep one" if span.stances else "missing: choose one"
                stance = f"the stance toward {self._text[span.start : span.end]!r}"
                self.faults.append(f"{span.at}: {stance} is {given} in Label Studio and export again")
        return {"frames": tuple(self._frames), "actors": actors, "undecided": undecided}

    def _read_span(self, at: str, result: Result) -> None:
        labels = [self._span_label(label) for label in result.value.labels]
        known = [label for label in labels if label in _OWN or label in self._stance_ids.values()]
        self.notes += [f"spans labelled {label!r}" for label in labels if label not in known]
        if len(known) > 1:
            self.faults.append(f"{at}.value.labels: {' and '.join(known)} exclude each other; keep one")
        place = self._place(at, result.value) if known else None
        if place is not None:
            stance = None if known[0] in _OWN else known[0]
            stances = {} if stance is None else {stance: None}
            self._spans[result.id or at] = _Span(at, *place, known[0] == UNDECIDED, stance, stances)

    def _span_label(self, label: str) -> str:
        """``actor``, ``undecided``, a stance's id, or what else a span is labelled with, in small letters."""
        small = label.lower()
        return small if small in _OWN else self._stance_ids.get(label, small)

    def _place(self, at: str, value: Value) -> tuple[int, int] | None:
        """Start and end in code points, without white space at the edges."""
        text, start, end = self._text, value.start, value.end
        if start is None or end is None or not 0 <= start < end:
            self.faults.append(f"{at}.value: start and end are needed, as offsets in the text (seen: {start}, {end})")
            return None
        quoted = value.text[0] if value.text else None
        if quoted is not None and text[start:end] != quoted:
            units = Utf16(text)
            first, last = units.point(start), units.point(end)
            if first is None or last is None or text[first:last] != quoted:
                seen = f"{quoted!r} does not stand at {start} to {end}, where the text has {text[start:end]!r}"
                self.faults.append(f"{at}.value.text: {seen}; the text must be the one that was labelled")
                return None
            start, end = first, last
        if end > len(text) or not text[start:end].strip():
            self.faults.append(f"{at}.value: {start} to {end} holds nothing of a text of {len(text)} characters")
            return None
        span = text[start:end]
        return end - len(span.lstrip()), start + len(span.rstrip())

    def _read_value(self, at: str, result: Result) -> None:
        """What is said of the whole sentence, or of an actor."""
        span = self._spans.get(result.id or "")
        if result.type == "choices" and span is None:
            chosen = [self._frame_ids.get(choice, choice) for choice in result.value.choices]
            if result.from_name == FRAMES or any(choice in self._frame_ids for choice in chosen):
                if result.value.start is not None:
                    what = f"{', '.join(chosen)} is chosen for the span that begins at {result.value.start}"
                    self.faults.append(f"{at}.value: {what}, but a frame is the whole sentence's; choose it for that")
                self._frames |= dict.fromkeys(chosen)
                return
        elif result.type == "choices" and span is not None:
            span.stances |= {self._stance_ids.get(choice, choice): None for choice in result.value.choices}
            return
        elif result.type == "textarea" and span is not None:
            given = [entry.strip() for entry in result.value.text if entry.strip()]
            if len(given) > 1:
                self.faults.append(f"{at}.value.text: {', '.join(given)} are several ids of one actor; keep one")
            if given:
                span.actor = self._actor_ids.get(given[0], given[0])
            return
        self.notes.append(f"results of the tag {result.from_name or result.type!r}")

    def _read_relation(self, result: Result) -> None:
        """A stance toward an actor at an end of a relation."""
        ends = {"left": (result.from_id,), "bi": (result.from_id, result.to_id)}.get(result.direction, (result.to_id,))
        stances = [self._stance_ids[label] for label in result.labels if label in self._stance_ids]
        spans = [self._spans[region] for region in ends if region in self._spans]
        if not stances:
            both = [self._spans[region] for region in (result.from_id, result.to_id) if region in self._spans]
            reasons = [span for span in both if span.label is not None]
            spans = [span for span in both if span.label is None]
            stances = [span.label for span in reasons if span.label is not None]
            if spans:
                for reason in reasons:
                    reason.is_reason = True
        if not stances or not spans:
            self.notes.append("relations that give no stance toward an actor")
        for span in spans:
            span.stances |= dict.fromkeys(stances)


def _by_name(named: Iterable[tuple[str, Sequence[str]]]) -> dict[str, str]:
    """Ids by the names that go with each, and by themselves; where these clash, the id counts."""
    pairs = list(named)
    return {name: own for own, names in pairs for name in names} | {own: own for own, _ in pairs}
