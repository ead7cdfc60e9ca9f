"""Annotated sentences: one JSON object a line, checked against the codebook."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, Field, ValidationError

from model.codebook import Codebook, Schema, describe
from model.errors import FaultsError
from model.json_text import read_json
from model.remnant import fill_in
from model.text import UnicodeText


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

    id: str = Field(min_length=1)
    document: str = Field(min_length=1)
    frames: tuple[str, ...]
    actors: tuple[ActorSpan, ...]
    undecided: tuple[Span, ...] = ()
    annotator: str = Field(min_length=1)
    origin: str = Field(min_length=1)


class Annotation(Labels):
    """One labelled sentence with its text."""

    text: UnicodeText = Field(min_length=1)

    def mention(self, span: Span) -> str:
        """The text of ``span``."""
        return self.text[span.start : span.end]


class Article(Schema):
    """Where the sentences of an authored document stand: what it is about and how it is written."""

    document: str = Field(min_length=1)
    conflict: str = Field(min_length=1)
    region: str = Field(min_length=1)
    decade: str = Field(pattern=r"^\d{3}0s$")
    genre: str = Field(min_length=1)
    writer: str = Field(min_length=1)


ARTICLES_FILE = "documents.jsonl"
#: How the record of an adjudication ends, which lies beside what it made and is no annotation.
RECORD_SUFFIX = ".record.jsonl"
_TABLE_SUFFIXES = (".csv", ".tsv", ".xls", ".xlsx", ".ods")
#: The annotator of a sentence that nobody has annotated yet.
NOBODY = "nobody"
Record = TypeVar("Record", bound=BaseModel)
Labelled = TypeVar("Labelled", bound=Labels)


class Line(NamedTuple, Generic[Labelled]):
    """A line of labels; where some are faulty, its record has others in their place, so that the rest can be checked.

    ``unknown`` are the fields, as `check` names them, of which nothing can be said then.
    """

    place: str
    record: Labelled | None
    faults: list[str]
    unknown: frozenset[str] = frozenset()

    def known(self, faults: Iterable[str]) -> list[str]:
        """Those of ``faults`` that are of what stands in the line, with its place; each begins with its field."""
        return [f"{self.place}: {fault}" for fault in faults if fault.partition(": ")[0] not in self.unknown]


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


def annotation_files(paths: Iterable[Path]) -> list[Path]:
    """The JSON Lines files among ``paths``; a folder stands for every such file below it but records of adjudication.

    Raises:
        FaultsError: a file is given twice, and would count twice.
    """
    files: list[Path] = []
    for path in paths:
        below = (file for file in path.rglob("*.jsonl") if not file.name.endswith(RECORD_SUFFIX))
        files += sorted(below) if path.is_dir() else [path]
    counts = Counter(file.resolve() for file in files)
    twice = [f"{file}: is given twice; give it once" for file in files if counts[file.resolve()] > 1]
    if twice:
        raise FaultsError(twice)
    return files


def check_rereadable(file: Path) -> None:
    """Check that a file can be read a second time, since what it is is judged by how it begins.

    Raises:
        FaultsError: it is a pipe or the like, whose content would be lost.
    """
    if file.exists() and not (file.is_file() or file.is_dir()):
        raise FaultsError([f"{file}: can be read only once, as a pipe; write it to a file and give that"])


def is_standoff(file: Path) -> bool:
    """Whether ``file`` holds stand-off annotations, judged by its first line that can be read as an object.

    Raises:
        FaultsError: the file can be read only once.
    """
    check_rereadable(file)
    try:
        with file.open("rb") as stream:
            first = next(filter(None, map(_object, stream)), {})
    except OSError:
        return False
    return "corpus" in first and "text" not in first


def _object(line: bytes) -> dict[str, Any]:
    """The object that a line holds, or an empty one."""
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


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


def read_articles(file: Path) -> list[Article]:
    """Read the descriptions of authored documents.

    Raises:
        FaultsError: every fault, each with file, line and field.
    """
    articles, faults = [], []
    places: dict[str, str] = {}
    for place, article, broken in read_records(file, Article):
        faults += broken
        if article is None:
            continue
        before = places.setdefault(article.document, place)
        if before != place:
            faults.append(f"{place}: document: {article.document!r} is described at {before} already; describe it once")
        articles.append(article)
    if faults:
        raise FaultsError(faults)
    return articles


def check(annotation: Annotation, codebook: Codebook) -> list[str]:
    """What is wrong with ``annotation`` under ``codebook``, one line a fault, beginning with the field."""
    faults = [] if annotation.text.strip() else ["text: blank"]
    for field, spans in (("actors", annotation.actors), ("undecided", annotation.undecided)):
        for number, span in enumerate(spans):
            faults += [f"{field}[{number}]{fault}" for fault in _check_span(span, annotation)]
    return faults + _overlaps(annotation) + check_labels(annotation, codebook)


def check_labels(labels: Labels, codebook: Codebook) -> list[str]:
    """What is wrong with the labels alone, wherever their spans lie."""
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
    if codebook.frames_per_sentence == "exactly_one" and not labels.frames:
        faults.append("frames: none, but the codebook asks for exactly one (frames_per_sentence)")
    for number, actor in enumerate(labels.actors):
        if actor.stance not in codebook.stance_ids:
            faults.append(
                f"actors[{number}].stance: {actor.stance!r} is not a stance of the codebook "
                f"({', '.join(codebook.stance_ids)})"
            )
        if actor.actor is not None and actor.actor not in known:
            faults.append(f"actors[{number}].actor: {actor.actor!r} is not an actor of the codebook")
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


def read_labels(file: Path, kind: type[Labelled]) -> Iterator[Line[Labelled]]:
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
