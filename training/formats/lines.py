"""Files of one JSON object a line, as several tools export them, and tables."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from model import atomic
from model.errors import FaultsError
from model.faults import describe
from model.json_text import read_json
from training.formats.intake import Intake
from training.options import check_writable

if TYPE_CHECKING:
    from _csv import Reader

_Row = TypeVar("_Row", bound=BaseModel)
_LARGEST_CELL = 2**27
_SEPARATOR = re.compile(r'"?sep=([,;\t])"?[,;\t]*\r?', re.IGNORECASE)
_QUOTED = re.compile('"[^"]*"')
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_text(path: Path, intake: Intake, encoding: str = "utf-8-sig") -> str | None:
    """The text of a UTF-8 file, line ends as they are; None, and a fault, where it has none.

    The encoding ``utf-8`` keeps a byte order mark, for files of which each character counts.
    """
    try:
        return path.read_bytes().decode(encoding)
    except OSError as error:
        intake.fault(path, "", f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        intake.fault(path, line, f"not UTF-8 (byte {error.start}: {error.reason}); export it again as UTF-8")
    return None


def first_object(head: str) -> dict[str, Any] | None:
    """The object in the first line of what a file begins with; None where there is none."""
    try:
        first = json.loads(head.split("\n", 1)[0])
    except (ValueError, RecursionError):
        return None
    return first if isinstance(first, dict) else None


def read_objects(path: Path, intake: Intake, *, may_be_empty: bool = False) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each object of a file with the number of its line; what is no object becomes a fault."""
    text = read_text(path, intake)
    if text is None:
        return
    found = False
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        found = True
        try:
            record = read_json(line)
        except ValueError as error:
            intake.fault(path, number, f"the whole line: {error}; each line must be a JSON object by itself")
            continue
        if isinstance(record, dict):
            yield number, record
        else:
            intake.fault(path, number, f"the whole line: a JSON object is needed, not {type(record).__name__}")
    if not found and not may_be_empty:
        intake.fault(path, "", "the file is empty; export it again")


def read_rows(
    path: Path, intake: Intake, kind: type[_Row], tool: str, is_known: Callable[[str], bool]
) -> Iterator[tuple[int, dict[str, Any], _Row]]:
    """Yield each object of a file, as it is and as a row of a tool, with the number of its line.

    What is no such row becomes a fault; what a field holds that ``is_known`` denies is left out, and counted.
    """
    for number, record in read_objects(path, intake):
        try:
            row = kind.model_validate(record)
        except ValidationError as error:
            for fault in describe(error):
                intake.fault(path, number, fault)
            continue
        for field, value in record.items():
            if value and not is_known(field):
                intake.note(f"{tool}: the field {field!r} left out, Frameline has no place for it")
        yield number, record, row


def csv_reader(text: str) -> "Reader":
    """A reader of a table, from its header on, with cells as long as a document.

    The delimiter is the one that a line ``sep=;`` before the header says, as Excel takes it, or whichever of comma,
    semicolon and tab the header has most of, outside of quotes.
    """
    csv.field_size_limit(_LARGEST_CELL)
    first, _, rest = text.partition("\n")
    said = _SEPARATOR.fullmatch(first)
    header = _QUOTED.sub("", rest.split("\n", 1)[0] if said is not None else first)
    delimiter = max(",;\t", key=header.count) if said is None else said[1]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    if said is not None:
        next(reader)
    return reader


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a table with commas, and the byte order mark by which Excel knows UTF-8; all of it or nothing.

    Raises:
        FaultsError: there is no folder to write to.
    """
    check_writable(path)
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, columns)
    writer.writeheader()
    writer.writerows(rows)
    atomic.write(path, stream.getvalue().encode("utf-8-sig"))


def write_objects(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Write one object a line, all of them or none.

    Raises:
        FaultsError: every field that cannot be written as UTF-8; there is no folder to write to.
    """
    check_writable(path)
    lines = [(record, json.dumps(record, ensure_ascii=False) + "\n") for record in records]
    unwritable = [
        f"{path}: {name}: {value!r} holds half of a surrogate pair, which is no character; mend it"
        for record, line in lines
        if _SURROGATE.search(line)
        for name, value in record.items()
        if _SURROGATE.search(json.dumps(value, ensure_ascii=False))
    ]
    if unwritable:
        raise FaultsError(list(dict.fromkeys(unwritable)))
    atomic.write(path, "".join(line for _, line in lines).encode())
