"""Annotated sentences: one JSON object a line, checked against the codebook."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field

from model.annotation_files import annotation_files, is_standoff
from model.articles import ARTICLES_FILE
from model.codebook import Codebook, Schema
from model.errors import FaultsError
from model.record_lines import Line, read_labels
from model.text import FILLED, FilledText, UnicodeText


class Span(Schema):
    """A part of a sentence, in Unicode code points, ``end`` exclusive."""

    start: int = Field(ge=0, strict=True)
    end: int = Field(strict=True)


class ActorSpan(Span):
    """A mention of a political actor and the stance of the sentence toward it."""

    stance: str
    actor: str | None = None


class Labels(Schema):
    """What is said of one sentence, wherever its text stands.

    ``undecided`` holds spans on which the annotators could not agree whether, or how, they are actors;
    they are left out of training and of measuring.
    """

    id: FilledText
    document: FilledText
    frames: tuple[str, ...]
    actors: tuple[ActorSpan, ...]
    undecided: tuple[Span, ...] = ()
    annotator: FilledText
    origin: FilledText


class Annotation(Labels):
    """One labelled sentence with its text."""

    text: Annotated[UnicodeText, FILLED] = Field(min_length=1)

    def mention(self, span: Span) -> str:
        """The text of ``span``."""
        return self.text[span.start : span.end]


_TABLE_SUFFIXES = (".csv", ".tsv", ".xls", ".xlsx", ".ods")
#: The annotator of a sentence that nobody has annotated yet.
NOBODY = "nobody"
Labelled = TypeVar("Labelled", bound=Labels)


class Places:
    """Where each annotator's sentences stand, to find what stands twice."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}
        self._texts: dict[str, tuple[str, str]] = {}

    def add_line(self, line: Line[Labelled], text: str) -> list[str]:
        """As ``add``, of a line that has a record; one whose id, annotator or text is faulty is passed over."""
        if line.record is None or line.unknown & {"id", "annotator", "text", "sha256"}:
            return []
        return self.add(line.record.annotator, line.record.id, text, line.place)

    def add(self, annotator: str, name: str, text: str, place: str) -> list[str]:
        """Note a sentence, or what stands for its text.

        Returns:
            The fault, if the same annotator has labelled it elsewhere, or if another text has its id.
        """
        before = self._known.setdefault((annotator, name), place)
        if before != place:
            return [f"{place}: id: {name!r} by {annotator!r} stands at {before} already"]
        first, there = self._texts.setdefault(name, (text, place))
        return (
            [] if first == text else [f"{place}: id: {name!r} has another text at {there}; give each sentence its id"]
        )


def read_annotations(paths: Iterable[Path], codebook: Codebook, *, by_somebody: bool = False) -> list[Annotation]:
    """Read annotations from files and folders and check them against ``codebook``.

    Args:
        paths: the files and folders.
        codebook: the labels that there are.
        by_somebody: take it for a fault where nobody has annotated a sentence yet, since it would teach, or measure
            as if it were, a sentence without any label.

    Raises:
        FaultsError: every fault of every file, each with file, line and field.
    """
    annotations: list[Annotation] = []
    faults: list[str] = []
    places = Places()
    for file in annotation_files(paths):
        if file.name == ARTICLES_FILE:
            continue
        if fault := _other_format(file):
            faults.append(f"{file}: {fault}")
            continue
        lines = list(read_labels(file, Annotation))
        foreign = _foreign_frames(
            [line.record for line in lines if line.record is not None and not line.faults], codebook
        )
        if foreign:
            faults.append(
                f"{file}: frames: none of them ({', '.join(foreign)}) is in the codebook {codebook.label} "
                f"({', '.join(codebook.frame_ids)}); name the codebook by which these sentences are annotated "
                "(--codebook), or a model that was trained on it"
            )
        for line in lines:
            annotation = line.record
            faults += line.faults
            if annotation is None:
                continue
            found = check(annotation, codebook)
            faults += line.known(fault for fault in found if not (foreign and fault.startswith("frames[")))
            faults += places.add_line(line, annotation.text)
            if by_somebody and annotation.annotator == NOBODY:
                faults.append(
                    f"{line.place}: annotator: nobody has annotated this sentence yet; export it as a task, annotate "
                    "it, and bring it back with `frameline annotations import FILE --annotator NAME --out NEW`"
                )
            annotations.append(annotation)
    if faults:
        raise FaultsError(faults)
    return annotations


def _other_format(file: Path) -> str:
    """Why ``file`` as a whole holds no annotations with texts; empty where it may hold some."""
    if is_standoff(file):
        return "has no texts (stand-off); join it with its corpus: `frameline annotations hydrate`"
    if file.suffix.lower() in _TABLE_SUFFIXES:
        return (
            "a table, where JSON Lines are needed; save it as CSV with a column a frame, and bring it in with "
            "`frameline annotations import`"
        )
    return ""


def _foreign_frames(annotations: Iterable[Annotation], codebook: Codebook) -> list[str]:
    """The frames given, where they are several and the codebook has none of them: they are those of another one."""
    given = dict.fromkeys(frame for annotation in annotations for frame in annotation.frames)
    return list(given) if len(given) > 1 and not given.keys() & {*codebook.frame_ids} else []


def check(annotation: Annotation, codebook: Codebook) -> list[str]:
    """What is wrong with ``annotation`` under ``codebook``, one line a fault, beginning with the field."""
    faults = [] if annotation.text.strip() else ["text: blank"]
    for field, spans in (("actors", annotation.actors), ("undecided", annotation.undecided)):
        for number, span in enumerate(spans):
            faults += [f"{field}[{number}]{fault}" for fault in _check_span(span, annotation)]
    return faults + _overlaps(annotation) + check_labels(annotation, codebook)


def check_labels(labels: Labels, codebook: Codebook) -> list[str]:
    """What is wrong with the labels alone, wherever their spans lie; a sentence of `NOBODY` may have no frame yet."""
    known = {actor.id for actor in codebook.actors}
    faults = [
        f"frames[{number}]: {frame!r} is not a frame of the codebook ({', '.join(codebook.frame_ids)})"
        for number, frame in enumerate(labels.frames)
        if frame not in codebook.frame_ids
    ]
    if len(set(labels.frames)) < len(labels.frames):
        faults.append("frames: a frame is given twice")
    if codebook.frames_per_sentence != "any" and len(labels.frames) > 1:
        faults.append(f"frames: {len(labels.frames)} frames, but the codebook allows one (frames_per_sentence)")
    if codebook.frames_per_sentence == "exactly_one" and not labels.frames and labels.annotator != NOBODY:
        faults.append("frames: none, but the codebook asks for exactly one (frames_per_sentence)")
    for number, actor in enumerate(labels.actors):
        if actor.stance not in codebook.stance_ids:
            faults.append(
                f"actors[{number}].stance: {actor.stance!r} is not a stance of the codebook "
                f"({', '.join(codebook.stance_ids)})"
            )
        if actor.actor is not None and actor.actor not in known:
            faults.append(
                f"actors[{number}].actor: {actor.actor!r} is not an actor of the codebook; take one that has it "
                "(--codebook), or leave the actor out"
            )
        elif actor.actor is not None and actor.actor in [other.actor for other in labels.actors[:number]]:
            faults.append(f"actors[{number}].actor: {actor.actor!r} is given twice; keep its first mention alone")
    return faults


def _overlaps(annotation: Annotation) -> list[str]:
    """Spans that overlap another one: a word belongs to one mention, which is judged or undecided."""
    spans = [
        (span, f"{field}[{number}]")
        for field in ("actors", "undecided")
        for number, span in enumerate(getattr(annotation, field))
        if not _check_span(span, annotation)
    ]
    faults = []
    for number, (span, place) in enumerate(spans):
        for other, before in spans[:number]:
            if span.start < other.end and other.start < span.end:
                faults.append(
                    f"{place}: the span {span.start} to {span.end} overlaps that of {before}, "
                    f"{other.start} to {other.end}; keep one of the two"
                )
                break
    return faults


def _check_span(span: Span, annotation: Annotation) -> list[str]:
    length = len(annotation.text)
    if span.end > length:
        return [f".end: {span.end} lies outside the text, which has {length} characters"]
    if span.end <= span.start:
        return [f".end: {span.end} is not behind the start, {span.start}"]
    mention = annotation.mention(span)
    if mention != mention.strip():
        return [f": {mention!r} begins or ends with white space"]
    return []
