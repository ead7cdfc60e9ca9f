"""Running text with labelled spans, which is how INCEpTION and brat see annotations: one text a document.

Four layers: ``Record`` stands on each sentence and says what the sentence is, ``Frame`` on a sentence that carries a
frame, ``Actor`` on a mention and ``Undecided`` on a span of which it is not known.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

from model.annotation import NOBODY, Annotation
from model.text import TOKEN
from training.formats.intake import Intake

#: The features of each layer.
LAYERS = {
    "Record": ("identifier", "document", "annotator", "origin"),
    "Frame": ("frame",),
    "Actor": ("stance", "identifier"),
    "Undecided": (),
}
_LONGEST = 100


@dataclass(frozen=True)
class Label:
    """A labelled span: code points of the whole text, ``end`` exclusive; ``at`` is its place in the file."""

    layer: str
    start: int
    end: int
    features: Mapping[str, str | None]
    at: object = ""


@dataclass
class LayeredText:
    """A text, where its sentences stand, and the labels on it."""

    text: str
    sentences: list[tuple[int, int]] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)

    def tokens(self, start: int, end: int) -> list[tuple[int, int]]:
        """The tokens of a sentence, cut where a mention begins or ends so that each mention is whole tokens."""
        cuts = {place for label in self.labels for place in (label.start, label.end)}
        tokens: list[tuple[int, int]] = []
        for match in TOKEN.finditer(self.text, start, end):
            inner = [place for place in range(match.start() + 1, match.end()) if place in cuts]
            places = [match.start(), *inner, match.end()]
            tokens += pairwise(places)
        return tokens


def to_layers(annotations: Sequence[Annotation]) -> LayeredText:
    """The sentences of one document, each on lines of its own, with their labels."""
    layered = LayeredText("\n".join(annotation.text for annotation in annotations))
    start = 0
    for annotation in annotations:
        end = start + len(annotation.text)
        layered.sentences.append((start, end))
        record = {"identifier": annotation.id, "document": annotation.document}
        record |= {"annotator": annotation.annotator, "origin": annotation.origin}
        layered.labels.append(Label("Record", start, end, record))
        layered.labels += [Label("Frame", start, end, {"frame": frame}) for frame in annotation.frames]
        for actor in annotation.actors:
            features = {"stance": actor.stance, "identifier": actor.actor}
            layered.labels.append(Label("Actor", start + actor.start, start + actor.end, features))
        layered.labels += [Label("Undecided", start + s.start, start + s.end, {}) for s in annotation.undecided]
        start = end + 1
    return layered


def from_layers(path: Path, layered: LayeredText, intake: Intake, annotator: str | None = None) -> None:
    """Take the sentences of a text into ``intake``.

    Args:
        path: the file.
        layered: its text and labels; sentences without a record are named after the file.
        intake: takes annotations and faults.
        annotator: of sentences whose record names nobody.
    """
    records = sorted((label for label in layered.labels if label.layer == "Record"), key=lambda label: label.start)
    if not records:
        blank = {start: "" for start, _ in layered.sentences}
        records = [Label("Record", start, end, {}, blank[start]) for start, end in layered.sentences]
    if not records:
        intake.fault(path, "", "no sentence is marked in this file; export it with its sentences")
        return
    inside: list[list[Label]] = [[] for _ in records]
    starts = [record.start for record in records]
    for label in layered.labels:
        if label.layer == "Record":
            continue
        number = bisect_right(starts, label.start) - 1
        if number >= 0 and label.end <= records[number].end:
            inside[number].append(label)
        else:
            intake.fault(
                path,
                label.at,
                f"{label.layer}: {layered.text[label.start : label.end]!r} ({label.start}-{label.end}) lies in no "
                "sentence; mark it within one",
            )
    for record, labels in zip(records, inside, strict=True):
        text = layered.text[record.start : record.end]
        if text.strip() or labels or record.features:
            fields = _fields(path, record, labels, intake)
            features = {"id": record.features.get("identifier")}
            features |= {"document": record.features.get("document") or path.stem}
            features |= {"origin": record.features.get("origin")}
            named = record.features.get("annotator")
            features |= {"annotator": annotator if named in (None, "", NOBODY) else named}
            intake.add(path, record.at, {**features, "text": text, **fields})


def _fields(path: Path, record: Label, labels: Iterable[Label], intake: Intake) -> dict[str, Any]:
    """The labels of one sentence; one without its feature is a fault."""
    fields: dict[str, list[Any]] = {"frames": [], "actors": [], "undecided": []}
    for label in labels:
        span = {"start": label.start - record.start, "end": label.end - record.start}
        needed = {"Frame": ("frame", intake.codebook.frame_ids), "Actor": ("stance", intake.codebook.stance_ids)}
        if label.layer == "Undecided":
            fields["undecided"].append(span)
            continue
        feature, values = needed[label.layer]
        value = label.features.get(feature)
        if not value:
            what = f"{label.layer}.{feature}: none is given at {label.start}-{label.end}; choose one of"
            intake.fault(path, label.at, f"{what} {', '.join(values)}")
        elif label.layer == "Frame":
            fields["frames"].append(value)
        else:
            fields["actors"].append({**span, "stance": value, "actor": label.features.get("identifier") or None})
    return fields


def by_document(annotations: Iterable[Annotation]) -> dict[tuple[str, str], list[Annotation]]:
    """Annotations by annotator and document, in order of first appearance."""
    grouped: dict[tuple[str, str], list[Annotation]] = {}
    for annotation in annotations:
        grouped.setdefault((annotation.annotator, annotation.document), []).append(annotation)
    return grouped


class FileNames:
    """Gives names to files and folders: any string as one that every file system takes, each string its own."""

    def __init__(self) -> None:
        self._taken: dict[str, str] = {}

    def name(self, text: str, folder: str = "") -> str:
        """The name of ``text`` within ``folder``; the same text has the same name."""
        slug = quote(text, safe=" ").replace(".", "%2E")[:_LONGEST]
        name, number = slug, 1
        while self._taken.setdefault(f"{folder}/{name}".casefold(), text) != text:
            number += 1
            name = f"{slug}-{number}"
        return name
