"""The rows of a table, as CSV or JSON Lines."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from model.errors import FaultsError
from model.json_text import read_json
from model.text import check_unicode
from training.formats.lines import csv_reader

#: How files of JSON Lines are called.
JSON_LINES = (".jsonl", ".ndjson")


def read_records(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each row's place and its fields by their columns.

    Args:
        file: CSV (with comma, semicolon or tab) or JSON Lines, in UTF-8, with named columns.

    Raises:
        FaultsError: every fault with file and line.
    """
    content = _text(file)
    return _json_records(file, content) if file.suffix.lower() in JSON_LINES else _csv_records(file, content)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FaultsError([f"{file}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise FaultsError([f"{file}:{line}: not UTF-8 (byte {error.start}); save it as UTF-8"]) from None


def _csv_records(file: Path, content: str) -> Iterator[tuple[str, dict[str, str]]]:
    reader = csv_reader(content)
    faults = []
    try:
        header = [name.strip() for name in next(reader, [])]
        twice = [name for name, count in Counter(header).items() if count > 1 and name]
        if twice:
            raise FaultsError([f"{file}:1: {name}: the column stands twice; rename or remove one" for name in twice])
        line = reader.line_num + 1
        for cells in reader:
            place, line = f"{file}:{line}", reader.line_num + 1
            if not any(map(str.strip, cells)):
                continue  # spreadsheets leave such rows at the end
            if len(cells) > len(header):
                faults.append(f"{place}: more fields than columns ({len(header)}); quote the text")
            elif len(cells) < len(header):
                faults.append(f"{place}: fewer fields than columns ({len(header)}); add what is missing")
            else:
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
