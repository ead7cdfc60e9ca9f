"""A table for spreadsheets: a row a sentence with a column a frame, and a row more for each actor.

``kind`` says what a row is: ``sentence``, ``actor`` or ``undecided``. The rows of actors repeat the sentence's ``id``
and ``annotator``, and have ``mention``, ``start``, ``end``, ``stance`` and ``actor``; where ``start`` and ``end`` are
empty, the first place where the mention stands in the sentence is meant. Only ``text`` and the frames are needed.
A frame's column is called by the frame's id or its name, in any case; one column of labels may stand in the place of
all of them (`training.table_columns`). Numbers may have the ``.0`` that pandas gives to
those of a column in which some cells are empty. JSON Lines whose fields are called like these columns are read, too.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from model.annotation import NOBODY, Annotation, Span
from model.codebook import Codebook
from model.errors import FaultsError
from model.text import find_mention
from training.formats.csv_header import ACTOR, LABEL, SENTENCE, frame_column, read_header
from training.formats.intake import Intake
from training.formats.json_cells import read_cells
from training.formats.lines import csv_reader, first_object, read_text, write_table
from training.frame_names import NO, YES, fold, frames_by_folded, split_labels, unknown_label
from training.labelled_table import is_table
from training.table_columns import LABELS, TEXTS, document_in
from training.table_records import JSON_LINES
from training.table_sentences import SPANS

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
        """Whether it is called so, and has a column of texts that is called as usual; JSON Lines have labels, too."""
        columns: Sequence[str] = ()
        if path.suffix.lower() in (".csv", ".tsv"):
            try:
                columns = next(csv_reader(head), ())
            except csv.Error:
                return True  # reading it says what is wrong
        elif path.suffix.lower() in JSON_LINES:
            first = first_object(head) or {}
            has_labels = any(name.lower() in LABELS or value in (0, 1) for name, value in first.items())
            columns = [*first] if has_labels else ()
        return any(column.strip().lower() in TEXTS for column in columns)

    def files(self, folder: Path) -> list[Path]:
        """Every ``*.csv`` and ``*.tsv`` below, and JSON Lines that are no annotations."""
        lines = [file for suffix in JSON_LINES for file in folder.rglob(f"*{suffix}") if is_table(file)]
        return sorted([*folder.rglob("*.csv"), *folder.rglob("*.tsv"), *lines])

    def read(self, paths: Sequence[Path], intake: Intake) -> None:
        """Read tables."""
        for path in paths:
            if path.suffix.lower() in JSON_LINES:
                _add_rows(path, list(_parse_objects(path, intake)), intake)
            elif (text := read_text(path, intake)) is not None:
                _add_rows(path, list(_parse(path, text, intake)), intake)

    def write(self, annotations: Sequence[Annotation], target: Path, codebook: Codebook) -> None:
        """Write a table with commas and a byte order mark."""
        frames = {frame: frame_column(frame) for frame in codebook.frame_ids}
        _check_cells(annotations, target)
        rows = (row for annotation in annotations for row in _rows(annotation, frames))
        write_table(target, [*SENTENCE, *frames.values(), *ACTOR], rows)


def _check_cells(annotations: Sequence[Annotation], target: Path) -> None:
    """Raise where a name would not last in a table: white space at its ends, or a document called as if none were."""
    faults = [
        f"{target}: {annotation.id!r}: {field}: white space at an end does not last in a table; choose another format"
        for annotation in annotations
        for field in ("id", "document", "annotator", "origin")
        if getattr(annotation, field) != getattr(annotation, field).strip()
    ]
    faults += [
        f"{target}: {annotation.id!r}: document: {annotation.document!r} says in a table that there is none; choose "
        "another format"
        for annotation in annotations
        if document_in(annotation.document) is None
    ]
    if faults:
        raise FaultsError(faults)


def _rows(annotation: Annotation, frames: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    who = {"id": annotation.id, "annotator": annotation.annotator}
    labels: dict[str, Any] = {column: int(frame in annotation.frames) for frame, column in frames.items()}
    if annotation.annotator == NOBODY and not annotation.frames:
        labels = {}  # to be filled in
    document = {"document": annotation.document, "origin": annotation.origin, "text": annotation.text}
    yield {"kind": "sentence", **who, **document, **labels}
    for actor in annotation.actors:
        yield {"kind": "actor", **who, **_place(annotation, actor), "stance": actor.stance, "actor": actor.actor}
    for span in annotation.undecided:
        yield {"kind": "undecided", **who, **_place(annotation, span)}


def _place(annotation: Annotation, span: Span) -> dict[str, Any]:
    return {"mention": annotation.mention(span), "start": span.start, "end": span.end}


def _add_rows(path: Path, rows: Sequence[_Row], intake: Intake) -> None:
    spans: dict[tuple[str, str], list[_Row]] = {}
    sentences: list[_Row] = []
    for row in rows:
        if row.kind == "sentence":
            sentences.append(row)
        elif row.kind in SPANS:
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
        _check_empty(path, row, ACTOR, intake)
        _add(path, row, spans.get(row.key, ()) if known[row.key] == 1 else (), intake)


def _parse(path: Path, text: str, intake: Intake) -> Iterator[_Row]:
    """Yield the rows below the header; what is wrong with the table itself becomes a fault."""
    reader = csv_reader(text)
    try:
        header = read_header(path, next(reader, []), intake)
        if header is None:
            return
        line = reader.line_num + 1
        known = frames_by_folded(intake.codebook)
        for cells in reader:
            if any(map(str.strip, cells)):
                if len(cells) == len(header):
                    yield from _row(path, line, dict(zip(header, cells, strict=True)), known, intake)
                else:
                    what = f"{len(cells)} cells in a table of {len(header)} columns; quote cells that hold delimiters"
                    intake.fault(path, line, f"the whole row: {what}")
            line = reader.line_num + 1
    except csv.Error as error:
        intake.fault(path, reader.line_num, f"not a CSV table ({error}); quote cells and double the quotes in them")


def _parse_objects(path: Path, intake: Intake) -> Iterator[_Row]:
    """Yield the rows of JSON Lines."""
    known = frames_by_folded(intake.codebook)
    for line, cells in read_cells(path, intake):
        yield from _row(path, line, cells, known, intake)


def _row(path: Path, line: int, cells: dict[str, str], known: Mapping[str, str], intake: Intake) -> Iterator[_Row]:
    """Yield a row with a cell for each frame, whether the table has a column a frame or one of labels.

    ``known`` are the frames by their folded names.
    """
    labels = split_labels(cells.pop(LABEL, ""))
    unknown = [label for label in labels if fold(label) not in known]
    for label in unknown:
        intake.fault(path, line, unknown_label(label, intake.codebook))
    if not unknown:
        yield _Row(line, cells | {frame_column(known[fold(label)]): "1" for label in labels})


def _add(path: Path, row: _Row, spans: Sequence[_Row], intake: Intake) -> None:
    text = row.cells["text"]
    empty = not spans and not any(_frame_cell(row, frame) for frame in intake.codebook.frame_ids)
    if empty and row.cells.get("annotator", "").strip() == NOBODY:
        intake.note("csv: a sentence of 'nobody' without 1 or 0 for any frame is not annotated yet, left out")
        return
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
    parts: dict[str, int] = {}
    for span in spans:
        _check_repeated(path, span, row, intake)
        place = _span(path, span, text, intake)
        if place is None:
            faulty = True
            continue
        part = "actors" if span.kind == "actor" else "undecided"
        parts[f"{part}[{len(found[span.kind])}]"] = span.line
        rest = {"stance": span.cells.get("stance", "").strip(), "actor": span.cells.get("actor", "").strip() or None}
        found[span.kind].append({**place, **(rest if span.kind == "actor" else {})})
    if not faulty:
        who = {name: row.cells.get(name, "").strip() or None for name in ("id", "annotator", "origin")}
        who["document"] = document_in(row.cells.get("document", ""))
        labels = {"frames": frames, "actors": found["actor"], "undecided": found["undecided"]}
        intake.add(path, row.line, {**who, "text": text, **labels}, parts)


def _frame_cell(row: _Row, frame: str) -> str:
    return row.cells.get(frame_column(frame), row.cells.get(f"frame:{frame}", "")).strip().lower()


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
