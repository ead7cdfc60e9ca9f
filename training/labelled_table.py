"""Texts and labels as people keep them: a table as CSV, or JSON Lines."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from model.annotation import Annotation, check
from model.annotation_files import check_rereadable, given_once
from model.codebook import Codebook
from model.errors import FaultsError
from model.unnamed import document_name, sentence_name
from training.frame_names import NO, YES, column_frame, fold, frames_by_folded, split_labels, unknown_label
from training.marking import TABLE
from training.table_columns import Columns, Found, document_in, find_columns
from training.table_records import JSON_LINES, read_records
from training.table_sentences import find_others


class Row(NamedTuple):
    """One line: where it stands, its text, its labels and its document."""

    place: str
    text: str
    labels: tuple[str, ...]
    document: str


def is_table(file: Path) -> bool:
    """Whether a file holds texts and labels that have yet to be made annotations, rather than annotations.

    JSON Lines are judged by their first line that is not blank; one that cannot be read makes no table.

    Raises:
        FaultsError: the file can be read only once.
    """
    if file.suffix.lower() in (".csv", ".tsv"):
        return True
    if file.is_dir() or file.suffix.lower() not in JSON_LINES:
        return False
    check_rereadable(file)
    try:
        with file.open("rb") as stream:
            first = json.loads(next((line for line in stream if line.strip()), b""))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(first, dict) and "annotator" not in first and "origin" not in first


def read_rows(file: Path, columns: Columns, frames: Sequence[str] = ()) -> list[Row]:
    """Read every row that has a text.

    Args:
        file: CSV (with comma, semicolon or tab) or JSON Lines, in UTF-8, with named columns.
        columns: which columns hold what.
        frames: names that a column of ones and zeros may have.

    Raises:
        FaultsError: every fault with file, line and column.
    """
    records = _records(file)
    return _rows(records, find_columns(file, _names(records), columns, frames))


def _records(file: Path) -> list[tuple[str, dict[str, Any]]]:
    records = list(read_records(file))
    if not records:
        raise FaultsError([f"{file}: no rows; the first line names the columns, each further one holds a text"])
    return records


def _names(records: Sequence[tuple[str, dict[str, Any]]]) -> list[str]:
    """The columns that any row has."""
    return list(dict.fromkeys(name for _, record in records for name in record))


def _rows(records: Sequence[tuple[str, dict[str, Any]]], found: Found) -> list[Row]:
    rows, faults = [], []
    for place, record in records:
        try:
            sentence = _sentence(record, found.text)
            labels = _labels(record, found)
            name = None if found.document is None else _document(record, found.document)
        except ValueError as error:
            faults.append(f"{place}: {error}")
            continue
        rows.append(Row(place, sentence, labels, name or document_name(sentence)))
    if faults:
        raise FaultsError(faults)
    return rows


def read_tables(files: Sequence[Path], columns: Columns, codebook: Codebook) -> list[Annotation]:
    """Read tables as annotations that say nothing of actors.

    A label is the id or the name of a frame, in any case, with spaces, hyphens or underscores. An id follows from
    document and text; where these stand several times, in one table or in two, ids count on.

    Raises:
        FaultsError: a table that is given twice, and every fault with file, line and column.
    """
    annotations: list[Annotation] = []
    faults: list[str] = []
    for file in given_once(files):
        try:
            annotations += _read_table(file, columns, codebook)
        except FaultsError as error:
            faults += error.faults
    if faults:
        raise FaultsError(faults)
    return _counted(annotations)


def _counted(annotations: Iterable[Annotation]) -> list[Annotation]:
    """The same, each with an id of its own."""
    counts: Counter[str] = Counter()
    counted = []
    for annotation in annotations:
        counts[annotation.id] += 1
        count = counts[annotation.id]
        name = annotation.id if count == 1 else f"{annotation.id}-{count}"
        counted.append(annotation.model_copy(update={"id": name}))
    return counted


def _read_table(file: Path, columns: Columns, codebook: Codebook) -> list[Annotation]:
    known = frames_by_folded(codebook)
    names = [form for frame in codebook.frames for form in (frame.id, frame.name)]
    annotations, faults = [], []
    records = _records(file)
    found = find_columns(file, _names(records), columns, names)
    others = find_others(file, records, found.labels)
    if others:
        raise FaultsError(others)
    rows = _rows(records, found)
    given = dict.fromkeys(label for row in rows for label in row.labels)
    if len(given) > 1 and not {*known, *YES, *NO} & {*map(fold, given)}:
        raise FaultsError(
            [
                f"{file}: none of its labels ({', '.join(given)}) is a frame of the codebook {codebook.label} "
                f"({', '.join(codebook.frame_ids)}); name the codebook that has them with --codebook"
            ]
        )
    for row in rows:
        unknown = [label for label in row.labels if fold(label) not in known]
        faults += [f"{row.place}: {unknown_label(label, codebook)}" for label in unknown]
        if unknown:
            continue
        annotation = Annotation(
            id=sentence_name(row.document, row.text),
            document=row.document,
            text=row.text,
            frames=tuple(dict.fromkeys(known[fold(label)] for label in row.labels)),
            actors=(),
            annotator=TABLE,
            origin=str(file),
        )
        faults += [f"{row.place}: {fault}" for fault in check(annotation, codebook)]
        annotations.append(annotation)
    if faults:
        raise FaultsError(faults)
    return annotations


def _value(record: dict[str, Any], name: str) -> Any:
    """A field that every row must have.

    Raises:
        ValueError: the row lacks it.
    """
    if name not in record:
        raise ValueError(f'{name}: missing; give it in every row, as "" where it says nothing')
    return record[name]


def _sentence(record: dict[str, Any], column: str) -> str:
    """The text of a row.

    Raises:
        ValueError: it is no string, or blank.
    """
    text = _value(record, column)
    if not isinstance(text, str):
        raise ValueError(f"{column}: {text!r:.80} is no string; give the text")
    sentence = " ".join(text.split())
    if not sentence:
        raise ValueError(f"{column}: blank; give a text or remove the row")
    return sentence


def _document(record: dict[str, Any], column: str) -> str | None:
    """The document of a row, which may be a number; None where the row names none.

    Raises:
        ValueError: it is something else.
    """
    name = record.get(column)
    if not isinstance(name, str | int | None):
        raise ValueError(f"{column}: {name!r:.80} is neither a string nor a whole number; give the document's name")
    return None if name is None else document_in(str(name))


def _labels(record: dict[str, Any], found: Found) -> tuple[str, ...]:
    """The labels of a row.

    Raises:
        ValueError: a column holds no labels, or a field that says whether one holds is neither.
    """
    columns = found.labels
    if not found.each:
        value = _value(record, columns[0])
        given = value if isinstance(value, list) else [value]
        if not all(isinstance(label, str) for label in given):
            what = 'is neither a string nor a list of strings; write "" or [] where no frame holds'
            raise ValueError(f"{columns[0]}: {value!r:.80} {what}")
        return tuple(label for field in given for label in split_labels(field))
    held = []
    for name in columns:
        value = _value(record, name)
        said = str(value).strip().lower() if isinstance(value, str | int | float) else None
        if said not in (*YES, *NO):
            raise ValueError(f"{name}: {value!r:.80} is neither 1 nor 0, which say whether a sentence has this frame")
        if said in YES:
            held.append(column_frame(name))
    return tuple(held)
