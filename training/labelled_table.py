"""Texts and labels as people keep them: a table as CSV, or JSON Lines."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from model.annotation import Annotation, check, check_rereadable
from model.codebook import Codebook
from model.errors import FaultsError
from model.json_text import read_json
from model.standoff import sentence_digest
from model.text import check_unicode
from training.formats.lines import csv_reader
from training.frame_names import fold, frames_by_folded

_TEXTS = ("text", "sentence")
_LABELS = ("label", "labels", "frame", "frames")
_DOCUMENTS = ("document",)
_YES, _NO = ("1", "1.0", "true", "yes", "x"), ("", "0", "0.0", "false", "no")
#: What separates labels that share a field.
_SEPARATORS = re.compile(r"[|;]")


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Which columns hold what; None or empty finds them by their names.

    Attributes:
        text: the sentence; "text" or "sentence" by default.
        labels: one column whose fields hold labels (several separated by ``|`` or ``;``), or one column a frame with
            1 or 0; by default "label", "labels", "frame" or "frames", else the columns that are named as frames.
        document: what the sentence comes from, so that sentences of one document stay together; "document" by default.
            Without it every text is a document of its own.
    """

    text: str | None = None
    labels: tuple[str, ...] = ()
    document: str | None = None


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
    if file.is_dir() or file.suffix.lower() not in (".jsonl", ".ndjson"):
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
    records = list(_records(file))
    if not records:
        raise FaultsError([f"{file}: no rows; the first line names the columns, each further one holds a text"])
    names = list(dict.fromkeys(name for _, record in records for name in record))
    text = _column(file, names, columns.text, _TEXTS, "text")
    labels = _label_columns(file, names, columns.labels, frames)
    document = _usual_column(file, names, _DOCUMENTS, "document")
    if columns.document is not None:
        document = _column(file, names, columns.document, (), "document")
    rows, faults = [], []
    for place, record in records:
        try:
            sentence = _sentence(record, text)
            found = _labels(record, labels)
            name = "" if document is None else _document(record, document)
        except ValueError as error:
            faults.append(f"{place}: {error}")
            continue
        rows.append(Row(place, sentence, found, name or f"text-{sentence_digest(sentence)[:16]}"))
    if faults:
        raise FaultsError(faults)
    return rows


def read_table(file: Path, columns: Columns, codebook: Codebook) -> list[Annotation]:
    """Read a table as annotations that say nothing of actors.

    A label is the id or the name of a frame, in any case, with spaces, hyphens or underscores.

    Raises:
        FaultsError: every fault with file, line and column.
    """
    known = frames_by_folded(codebook)
    names = [form for frame in codebook.frames for form in (frame.id, frame.name)]
    annotations, faults = [], []
    rows = read_rows(file, columns, names)
    given = dict.fromkeys(label for row in rows for label in row.labels)
    if len(given) > 1 and not {*known, *_YES, *_NO} & {*map(fold, given)}:
        raise FaultsError(
            [
                f"{file}: none of its labels ({', '.join(given)}) is a frame of the codebook {codebook.label} "
                f"({', '.join(codebook.frame_ids)}); name the codebook that has them with --codebook"
            ]
        )
    for number, row in enumerate(rows, start=1):
        unknown = [label for label in row.labels if fold(label) not in known]
        faults += [
            f"{row.place}: {label!r} is not a frame of the codebook ({', '.join(codebook.frame_ids)}); "
            f"correct it, or add the frame"
            for label in unknown
        ]
        if unknown:
            continue
        annotation = Annotation(
            id=f"{file.stem}-{number}",
            document=row.document,
            text=row.text,
            frames=tuple(dict.fromkeys(known[fold(label)] for label in row.labels)),
            actors=(),
            annotator="table",
            origin=file.name,
        )
        faults += [f"{row.place}: {fault}" for fault in check(annotation, codebook)]
        annotations.append(annotation)
    if faults:
        raise FaultsError(faults)
    return annotations


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FaultsError([f"{file}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise FaultsError([f"{file}:{line}: not UTF-8 (byte {error.start}); save it as UTF-8"]) from None


def _records(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    content = _text(file)
    json_lines = file.suffix.lower() in (".jsonl", ".ndjson")
    return _json_records(file, content) if json_lines else _csv_records(file, content)


def _csv_records(file: Path, content: str) -> Iterator[tuple[str, dict[str, str]]]:
    reader = csv_reader(content)
    faults = []
    try:
        header = [name.strip() for name in next(reader, [])]
        twice = [name for name, count in Counter(header).items() if count > 1 and name]
        if twice:
            raise FaultsError([f"{file}:1: {name}: the column stands twice; rename or remove one" for name in twice])
        for cells in reader:
            place = f"{file}:{reader.line_num}"
            if len(cells) > len(header):
                faults.append(f"{place}: more fields than columns ({len(header)}); quote the text")
            elif cells and len(cells) < len(header):
                faults.append(f"{place}: fewer fields than columns ({len(header)}); add what is missing")
            elif cells:
                yield place, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        faults.append(f"{file}:{reader.line_num}: not CSV ({error}); quote texts that hold commas, quotes or line ends")
    if faults:
        raise FaultsError(faults)


def _json_records(file: Path, content: str) -> Iterator[tuple[str, dict[str, Any]]]:
    faults = []
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = read_json(line)
            check_unicode(json.dumps(record, ensure_ascii=False))
        except ValueError as error:
            faults.append(f"{file}:{number}: the whole line: {error}")
            continue
        if not isinstance(record, dict):
            faults.append(f"{file}:{number}: the whole line: not a JSON object")
            continue
        yield f"{file}:{number}", record
    if faults:
        raise FaultsError(faults)


def _usual_column(file: Path, names: Sequence[str], usual: Sequence[str], what: str) -> str | None:
    """The one column that has a usual name, if any."""
    found = [name for name in names if name.lower() in usual]
    if len(found) > 1:
        several = " and ".join(map(repr, found))
        raise FaultsError([f"{file}:1: {several} could each be the {what}; say which with --{what}-column"])
    return found[0] if found else None


def _column(file: Path, names: Sequence[str], given: str | None, usual: Sequence[str], what: str) -> str:
    if given is not None:
        if given not in names:
            raise FaultsError([f"{file}:1: no column {given!r}; there are {', '.join(names)}"])
        return given
    found = _usual_column(file, names, usual, what)
    if found is None:
        raise FaultsError(
            [
                f"{file}:1: no column named {' or '.join(map(repr, usual))}; name it with --{what}-column "
                f"(there are {', '.join(names)})"
            ]
        )
    return found


def _label_columns(file: Path, names: Sequence[str], given: Sequence[str], frames: Sequence[str]) -> list[str]:
    if given:
        return [_column(file, names, name, (), "label") for name in given]
    found = _usual_column(file, names, _LABELS, "label")
    if found is not None:
        return [found]
    known = {fold(frame) for frame in frames}
    columns = [name for name in names if fold(name) in known]
    if not columns:
        raise FaultsError(
            [
                f"{file}:1: no column named 'label', nor any as a frame; name the labels with --label-column "
                f"(there are {', '.join(names)})"
            ]
        )
    return columns


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


def _document(record: dict[str, Any], column: str) -> str:
    """The document of a row, which may be a number; empty where the row names none.

    Raises:
        ValueError: it is something else.
    """
    name = record.get(column)
    if not isinstance(name, str | int | None):
        raise ValueError(f"{column}: {name!r:.80} is neither a string nor a whole number; give the document's name")
    return "" if name is None else str(name).strip()


def _labels(record: dict[str, Any], columns: Sequence[str]) -> tuple[str, ...]:
    """The labels of a row; of several columns each says with 1 or 0 whether its own holds.

    Raises:
        ValueError: a column holds no labels, or a field among several is neither.
    """
    if len(columns) == 1:
        value = _value(record, columns[0])
        given = value if isinstance(value, list) else [value]
        if not all(isinstance(label, str) for label in given):
            what = 'is neither a string nor a list of strings; write "" or [] where no frame holds'
            raise ValueError(f"{columns[0]}: {value!r:.80} {what}")
        return tuple(label.strip() for field in given for label in _SEPARATORS.split(field) if label.strip())
    found = []
    for name in columns:
        value = _value(record, name)
        said = str(value).strip().lower() if isinstance(value, str | int | float) else None
        if said not in (*_YES, *_NO):
            raise ValueError(f"{name}: {value!r:.80} is neither 1 nor 0 (of several label columns each says so)")
        if said in _YES:
            found.append(name)
    return tuple(found)
