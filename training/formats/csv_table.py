"""A table for spreadsheets: a row a sentence with a column a frame, and a row more for each actor.

``kind`` says what a row is: ``sentence``, ``actor`` or ``undecided``. The rows of actors repeat the sentence's ``id``
and ``annotator``, and have ``mention``, ``start``, ``end``, ``stance`` and ``actor``; where ``start`` and ``end`` are
empty, the first place where the mention stands in the sentence is meant. Only ``text`` and the frames are needed.
A frame's column is called by the frame's id or its name, in any case. Numbers may have the ``.0`` that pandas gives to
those of a column in which some cells are empty.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from model.annotation import Annotation, Span
from model.codebook import Codebook
from model.errors import FaultsError
from model.text import find_mention
from training.formats.intake import Intake
from training.formats.lines import csv_reader, delimiter, read_text
from training.frame_names import NO, YES, fold, frames_by_folded

_SENTENCE = ("kind", "id", "document", "annotator", "origin", "text")
_ACTOR = ("mention", "start", "end", "stance", "actor")
_OFFSET = re.compile(r"([0-9]{1,9})(?:\.0)?")
_REMEDY = "leave it empty, or give the row another kind"


class _Row(NamedTuple):
    """A row and the line on which it begins."""

    line: int
    cells: dict[str, str]

    @property
    def kind(self) -> str:
        return self.cells.get("kind", "").strip() or "sentence"

    @property
    def key(self) -> tuple[str, str]:
        return self.cells.get("id", ""), self.cells.get("annotator", "")


class CsvTable:
    """CSV with commas, semicolons or tabs; offsets count code points."""

    name = "csv"
    summary = "a table for spreadsheets: a row a sentence, a column a frame, a row an actor"
    folder = False

    def recognises(self, path: Path, head: str) -> bool:
        """Whether it is called so and its first line has a column ``text``."""
        header = head.split("\n", 1)[0].rstrip("\r")
        columns = [column.strip().strip('"') for column in header.split(delimiter(header))]
        return path.suffix.lower() in (".csv", ".tsv") and "text" in columns

    def files(self, folder: Path) -> list[Path]:
        """Every ``*.csv`` and ``*.tsv`` below."""
        return sorted([*folder.rglob("*.csv"), *folder.rglob("*.tsv")])

    def read(self, paths: Sequence[Path], intake: Intake) -> None:
        """Read tables."""
        for path in paths:
            text = read_text(path, intake)
            if text is not None:
                _read_table(path, text, intake)

    def write(self, annotations: Sequence[Annotation], target: Path, codebook: Codebook) -> None:
        """Write a table with commas."""
        frames = {frame: _column(frame) for frame in codebook.frame_ids}
        _check_cells(annotations, target)
        with target.open("x", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, [*_SENTENCE, *frames.values(), *_ACTOR])
            writer.writeheader()
            for annotation in annotations:
                writer.writerows(_rows(annotation, frames))


def _check_cells(annotations: Sequence[Annotation], target: Path) -> None:
    """Raise where a name has white space at its ends, which spreadsheets and people lose."""
    faults = [
        f"{target}: {annotation.id!r}: {field}: white space at an end does not last in a table; choose another format"
        for annotation in annotations
        for field in ("id", "document", "annotator", "origin")
        if getattr(annotation, field) != getattr(annotation, field).strip()
    ]
    if faults:
        raise FaultsError(faults)


def _column(frame: str) -> str:
    return f"frame:{frame}" if frame in (*_SENTENCE, *_ACTOR) else frame


def _rows(annotation: Annotation, frames: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    who = {"id": annotation.id, "annotator": annotation.annotator}
    labels = {column: int(frame in annotation.frames) for frame, column in frames.items()}
    document = {"document": annotation.document, "origin": annotation.origin, "text": annotation.text}
    yield {"kind": "sentence", **who, **document, **labels}
    for actor in annotation.actors:
        yield {"kind": "actor", **who, **_place(annotation, actor), "stance": actor.stance, "actor": actor.actor}
    for span in annotation.undecided:
        yield {"kind": "undecided", **who, **_place(annotation, span)}


def _place(annotation: Annotation, span: Span) -> dict[str, Any]:
    return {"mention": annotation.mention(span), "start": span.start, "end": span.end}


def _read_table(path: Path, text: str, intake: Intake) -> None:
    rows = list(_parse(path, text, intake))
    if not rows:
        return
    spans: dict[tuple[str, str], list[_Row]] = {}
    sentences: list[_Row] = []
    for row in rows:
        if row.kind == "sentence":
            sentences.append(row)
        elif row.kind in ("actor", "undecided"):
            spans.setdefault(row.key, []).append(row)
        else:
            intake.fault(path, row.line, f"kind: {row.kind!r} is none of sentence, actor, undecided")
    known = Counter(row.key for row in sentences)
    for key, found in spans.items():
        if known[key] == 1:
            continue
        fault = f"id: no sentence row has the id {key[0]!r} and the annotator {key[1]!r}"
        if known[key] > 1:
            fault = "id: several sentences have this id and annotator; give each its own and repeat it here"
        for row in found:
            intake.fault(path, row.line, fault)
    for row in sentences:
        _check_empty(path, row, _ACTOR, intake)
        _add(path, row, spans.get(row.key, ()) if known[row.key] == 1 else (), intake)


def _parse(path: Path, text: str, intake: Intake) -> Iterator[_Row]:
    """Yield the rows below the header; what is wrong with the table itself becomes a fault."""
    reader = csv_reader(text)
    try:
        header = [_called(column.strip(), intake.codebook) for column in next(reader, [])]
        if not _check_header(path, header, intake):
            return
        line = reader.line_num + 1
        for cells in reader:
            if any(map(str.strip, cells)):
                if len(cells) == len(header):
                    yield _Row(line, dict(zip(header, cells, strict=True)))
                else:
                    what = f"{len(cells)} cells in a table of {len(header)} columns; quote cells that hold delimiters"
                    intake.fault(path, line, f"the whole row: {what}")
            line = reader.line_num + 1
    except csv.Error as error:
        intake.fault(path, reader.line_num, f"not a CSV table ({error}); quote cells and double the quotes in them")


def _called(column: str, codebook: Codebook) -> str:
    """What a column is called here: a frame that is written in another way gets its usual one."""
    if column.removeprefix("frame:") in (*_SENTENCE, *_ACTOR, *codebook.frame_ids):
        return column
    frame = frames_by_folded(codebook).get(fold(column.removeprefix("frame:")))
    return column if frame is None else _column(frame)


def _check_header(path: Path, header: Sequence[str], intake: Intake) -> bool:
    frames = [_column(frame) for frame in intake.codebook.frame_ids]
    faults = [] if "text" in header else ["text: the table has no such column"]
    faults += [f"{name}: the column is there twice" for name in dict.fromkeys(header) if header.count(name) > 1]
    faults += [
        f"{name}: the frame has two columns, {name!r} and 'frame:{name}'; keep one"
        for name in frames
        if name in header and f"frame:{name}" in header
    ]
    lacking = [frame for frame in frames if frame not in header and f"frame:{frame}" not in header]
    if len(lacking) == len(frames) > 1:
        faults.append(
            f"the whole table: no frame of the codebook {intake.codebook.label} has a column ({', '.join(frames)}); "
            "name the codebook by which it was annotated with --codebook, or give each frame a column, with 1 or 0"
        )
    else:
        faults += [
            f"{frame}: the table has no column for this frame of the codebook; add it, with 1 or 0" for frame in lacking
        ]
    for fault in faults:
        intake.fault(path, 1, fault)
    for column in header:
        if column.removeprefix("frame:") not in (*_SENTENCE, *_ACTOR, *intake.codebook.frame_ids):
            intake.note(f"csv: the column {column!r} is none of Frameline's and no frame, left out")
    return not faults


def _add(path: Path, row: _Row, spans: Sequence[_Row], intake: Intake) -> None:
    text = row.cells["text"]
    frames = []
    faulty = False
    for frame in intake.codebook.frame_ids:
        value = _frame_cell(row, frame)
        if value in YES:
            frames.append(frame)
        elif value not in NO:
            intake.fault(path, row.line, f"{frame}: {value!r} is neither 1 nor 0")
            faulty = True
    found: dict[str, list[Any]] = {"actor": [], "undecided": []}
    for span in spans:
        _check_repeated(path, span, row, intake)
        place = _span(path, span, text, intake)
        if place is None:
            faulty = True
            continue
        rest = {"stance": span.cells.get("stance", "").strip(), "actor": span.cells.get("actor", "").strip() or None}
        found[span.kind].append({**place, **(rest if span.kind == "actor" else {})})
    if not faulty:
        who = {name: row.cells.get(name, "").strip() or None for name in ("id", "document", "annotator", "origin")}
        labels = {"frames": frames, "actors": found["actor"], "undecided": found["undecided"]}
        intake.add(path, row.line, {**who, "text": text, **labels})


def _frame_cell(row: _Row, frame: str) -> str:
    return row.cells.get(_column(frame), row.cells.get(f"frame:{frame}", "")).strip().lower()


def _check_empty(path: Path, row: _Row, columns: Sequence[str], intake: Intake) -> None:
    """Note a fault for each cell that a row of its kind has no use for."""
    for column in columns:
        value = row.cells.get(column, "").strip()
        if value:
            intake.fault(path, row.line, f"{column}: {value!r} on a row of the kind {row.kind!r}; {_REMEDY}")


def _check_repeated(path: Path, span: _Row, sentence: _Row, intake: Intake) -> None:
    """Note a fault for each cell that says of the sentence what the sentence's own row does not say."""
    if span.kind == "undecided":
        _check_empty(path, span, ("stance", "actor"), intake)
    differing = [
        column
        for column in ("document", "origin", "text")
        if span.cells.get(column, "").strip() not in ("", sentence.cells.get(column, "").strip())
    ]
    differing += [
        frame
        for frame in intake.codebook.frame_ids
        if (value := _frame_cell(span, frame)) and (value in YES) != (_frame_cell(sentence, frame) in YES)
    ]
    for column in differing:
        what = f"differs from the sentence's on line {sentence.line}; leave it empty here, or repeat that"
        intake.fault(path, span.line, f"{column}: {what}")


def _span(path: Path, row: _Row, text: str, intake: Intake) -> dict[str, int] | None:
    mention = row.cells.get("mention", "")
    given = [row.cells.get(name, "").strip() for name in ("start", "end")]
    if not any(given):
        start = find_mention(text, mention) if mention else -1
        if start == -1:
            intake.fault(path, row.line, f"mention: {mention!r} does not stand in the sentence; copy it from there")
            return None
        return {"start": start, "end": start + len(mention)}
    first, last = map(_OFFSET.fullmatch, given)
    if first is None or last is None:
        intake.fault(path, row.line, f"start, end: {', '.join(map(repr, given))} are not both whole numbers")
        return None
    start, end = int(first[1]), int(last[1])
    if mention and text[start:end] != mention:
        what = f"the sentence has {text[start:end]!r} at {start}-{end}; mend the mention, or leave start and end empty"
        intake.fault(path, row.line, f"mention: {mention!r}: {what}")
        return None
    return {"start": start, "end": end}
