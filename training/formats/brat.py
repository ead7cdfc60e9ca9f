"""brat's stand-off files: a ``.txt`` with the text and a ``.ann`` with what is said of it.

Each sentence is a text-bound ``Sentence`` with an attribute for each frame, each mention an ``Actor`` with the
attribute ``Stance``, and notes hold what a sentence is and which actor a mention names. Offsets count code points.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from model.annotation import Annotation
from model.codebook import Codebook
from model.errors import FaultsError
from training.formats.intake import Intake
from training.formats.layers import LAYERS, FileNames, Label, LayeredText, by_document, from_layers, to_layers
from training.formats.lines import read_text

_BOUND = re.compile(r"(\S+) (\d{1,9} \d{1,9}(?:;\d{1,9} \d{1,9})*)")
_TYPES = ("Sentence", "Actor", "Undecided")


@dataclass
class _Bound:
    """A text-bound annotation with what other lines say of it."""

    line: int
    kind: str
    start: int
    end: int
    attributes: dict[str, str] = field(default_factory=dict)
    note: str | None = None


class Brat:
    """brat; offsets count code points."""

    name = "brat"
    summary = "brat's stand-off files, a folder with a .txt and a .ann for each document"
    folder = True

    def recognises(self, path: Path, head: str) -> bool:
        """Whether it is called ``*.ann``."""
        return path.suffix.lower() == ".ann"

    def files(self, folder: Path) -> list[Path]:
        """Every ``*.ann`` below."""
        return sorted(folder.rglob("*.ann"))

    def read(self, paths: Sequence[Path], intake: Intake) -> None:
        """Read stand-off files with the texts beside them."""
        for path in paths:
            if not path.with_suffix(".txt").is_file():
                intake.fault(path, "", f"the text {path.with_suffix('.txt').name} is not beside it; put it there")
                continue
            text = read_text(path.with_suffix(".txt"), intake, "utf-8")
            lines = read_text(path, intake)
            if text is None or lines is None:
                continue
            bounds = _parse(path, lines, text, intake)
            if any(bound.kind == "Sentence" for bound in bounds):
                from_layers(path, LayeredText(text, [], list(_labels(path, bounds, intake))), intake)
            else:
                intake.fault(path, "", "no Sentence is marked; the labels of a sentence stand on one")

    def write(self, annotations: Sequence[Annotation], target: Path, codebook: Codebook) -> None:
        """Write a folder for each annotator, and brat's configuration."""
        faults = [
            f"{target}: {annotation.id!r}: text: brat has no sentence that begins or ends with a line end; strip it"
            for annotation in annotations
            if annotation.text != annotation.text.strip("\n")
        ]
        if faults:
            raise FaultsError(faults)
        names = FileNames()
        target.mkdir(parents=True, exist_ok=True)
        (target / "annotation.conf").write_text(_configuration(codebook), encoding="utf-8")
        for (annotator, document), group in by_document(annotations).items():
            folder = target / names.name(annotator)
            folder.mkdir(exist_ok=True)
            stem = folder / names.name(document, folder.name)
            layered = to_layers(group)
            stem.with_name(f"{stem.name}.txt").write_bytes(layered.text.encode())
            lines = "".join(f"{line}\n" for line in _lines(layered))
            stem.with_name(f"{stem.name}.ann").write_bytes(lines.encode())


def _parse(path: Path, lines: str, text: str, intake: Intake) -> list[_Bound]:
    """The text-bound annotations of a file, with their attributes and notes."""
    bounds: dict[str, _Bound] = {}
    rest: list[tuple[int, list[str]]] = []
    if lines.count("\r\n") == lines.count("\n"):  # else a mention may end with a carriage return
        lines = lines.replace("\r\n", "\n")
    for number, line in enumerate(lines.split("\n"), start=1):
        if not line.strip():
            continue
        parts = line.split("\t", 2)
        if line[0] == "T":
            _add_bound(path, number, parts, text, bounds, intake)
        elif line[0] in "AM#":
            rest.append((number, parts))
        elif line[0] in "REN*":
            intake.note("brat: relation, event, normalisation or equivalence left out, Frameline has no place for them")
        else:
            intake.fault(path, number, f"{parts[0]!r}: no kind of annotation of brat begins like this")
    for number, parts in rest:
        _add_rest(path, number, parts, bounds, intake)
    return list(bounds.values())


def _add_bound(
    path: Path, number: int, parts: Sequence[str], text: str, bounds: dict[str, _Bound], intake: Intake
) -> None:
    match = _BOUND.fullmatch(parts[1]) if len(parts) == 3 else None
    if match is None:
        intake.fault(path, number, f"{parts[0]}: needed are a type, offsets and the text, with tabs between them")
        return
    fragments = [tuple(map(int, fragment.split())) for fragment in match[2].split(";")]
    start, end = min(first for first, _ in fragments), max(last for _, last in fragments)
    if parts[0] in bounds:
        intake.fault(path, number, f"{parts[0]}: the name stands on line {bounds[parts[0]].line} already")
    elif match[1] not in _TYPES:
        intake.fault(path, number, f"{parts[0]}: {match[1]!r} is none of the types {', '.join(_TYPES)}")
    elif any(last <= first for first, last in fragments) or end > len(text):
        intake.fault(path, number, f"{parts[0]}: {match[2]} is no part of the text, which has {len(text)} characters")
    elif " ".join(text[first:last] for first, last in fragments) != parts[2]:
        what = f"the text has {text[start:end][:40]!r} there, the line {parts[2][:40]!r}"
        intake.fault(path, number, f"{parts[0]}: {what}; was the text changed, or are the offsets no characters?")
    else:
        bounds[parts[0]] = _Bound(number, match[1], start, end)


def _add_rest(path: Path, number: int, parts: Sequence[str], bounds: Mapping[str, _Bound], intake: Intake) -> None:
    """An attribute or a note, on what it is about."""
    words = parts[1].split(" ") if len(parts) > 1 else []
    if len(words) < 2 or (parts[0][0] == "#" and len(parts) < 3):
        intake.fault(path, number, f"{parts[0]}: needed are a name and the annotation that it is about")
    elif words[1] not in bounds:
        intake.fault(path, number, f"{parts[0]}: {words[1]!r}, which it is about, is not in this file")
    elif parts[0][0] == "#" and words[0] != "AnnotatorNotes":
        intake.note(f"brat: {words[0]} left out, only notes of annotators are read")
    elif parts[0][0] == "#":
        bounds[words[1]].note = parts[2]
    elif words[0] in bounds[words[1]].attributes:
        intake.fault(path, number, f"{parts[0]}: {words[1]} has the attribute {words[0]!r} twice; keep one")
    else:
        bounds[words[1]].attributes[words[0]] = " ".join(words[2:])


def _labels(path: Path, bounds: Sequence[_Bound], intake: Intake) -> Iterator[Label]:
    for bound in bounds:
        if bound.kind == "Sentence":
            yield Label("Record", bound.start, bound.end, _record(path, bound, intake), bound.line)
            for frame in bound.attributes:
                yield Label("Frame", bound.start, bound.end, {"frame": frame}, bound.line)
        else:
            features = {"stance": bound.attributes.get("Stance"), "identifier": bound.note}
            yield Label(bound.kind, bound.start, bound.end, features, bound.line)


def _record(path: Path, bound: _Bound, intake: Intake) -> dict[str, str | None]:
    if bound.note is None:
        return {}
    try:
        record = json.loads(bound.note)
    except (ValueError, RecursionError):
        record = None
    if isinstance(record, dict) and all(isinstance(value, str) for value in record.values()):
        return record
    intake.fault(path, bound.line, "the note on a Sentence must be a JSON object of strings, or not be there")
    return {}


def _lines(layered: LayeredText) -> Iterator[str]:
    """The lines of the ``.ann`` file."""
    bound = attribute = note = 0
    for label in layered.labels:
        if label.layer != "Frame":
            bound += 1
            kind = "Sentence" if label.layer == "Record" else label.layer
            fragments = list(_fragments(layered.text, label.start, label.end))
            places = ";".join(f"{start} {end}" for start, end in fragments)
            yield f"T{bound}\t{kind} {places}\t{' '.join(layered.text[start:end] for start, end in fragments)}"
        for name, value in _attributes(label):
            attribute += 1
            yield f"A{attribute}\t{name} T{bound}{value}"
        text = _note(label)
        if text is not None:
            note += 1
            yield f"#{note}\tAnnotatorNotes T{bound}\t{text}"


def _fragments(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The parts of a span that hold no line end, as brat cannot have one inside."""
    for match in re.finditer(r"[^\n]+", text[start:end]):
        yield start + match.start(), start + match.end()


def _attributes(label: Label) -> Iterator[tuple[str, str]]:
    if label.layer == "Frame":
        yield str(label.features["frame"]), ""
    if label.layer == "Actor":
        yield "Stance", f" {label.features['stance']}"


def _note(label: Label) -> str | None:
    if label.layer == "Record":
        return json.dumps({name: label.features[name] for name in LAYERS["Record"]}, ensure_ascii=False)
    return label.features.get("identifier")


def _configuration(codebook: Codebook) -> str:
    frames = "".join(f"{frame}\tArg:Sentence\n" for frame in codebook.frame_ids)
    stances = f"Stance\tArg:Actor, Value:{'|'.join(codebook.stance_ids)}\n"
    entities = "".join(f"{name}\n" for name in _TYPES)
    return f"[entities]\n{entities}\n[relations]\n\n[events]\n\n[attributes]\n{frames}{stances}"
