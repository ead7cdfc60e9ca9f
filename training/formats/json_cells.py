"""The cells of a table that is JSON Lines: a row a line, its columns the names of the fields."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from training.formats.csv_header import ACTOR, LABEL, SENTENCE, is_frame, read_header
from training.formats.intake import Intake
from training.formats.lines import read_objects
from training.table_sentences import SPANS


def read_cells(path: Path, intake: Intake) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the line and the cells of each row, by what the columns are called here; what is no cell is a fault.

    A row may lack a field, or have null there, except for its text and its labels.
    """
    records = list(read_objects(path, intake))
    names = list(dict.fromkeys(name for _, record in records for name in record))
    header = read_header(path, names, intake) if names else None
    if header is None:
        return
    frames = {name for name in header if is_frame(name, intake.codebook)}
    known = {*SENTENCE, *ACTOR, LABEL, *frames}
    columns = {column: name for column, name in zip(names, header, strict=True) if name in known}
    for line, record in records:
        given = {column: record[column] for column in columns if record.get(column) is not None}
        faults = [
            f"{column}: {value!r:.80} is no {'text' if columns[column] == 'text' else 'cell of a table'}; give a string"
            for column, value in given.items()
            if not _is_cell(value, columns[column])
        ]
        cells = {columns[column]: _cell(value) for column, value in given.items()}
        if cells.get("kind") not in SPANS:
            faults += [
                f'{column}: missing; give it in every row, as "" where it says nothing'
                for column, name in columns.items()
                if column not in given and name in ("text", LABEL, *frames)
            ]
        for fault in faults:
            intake.fault(path, line, fault)
        if not faults:
            yield line, cells


def _is_cell(value: Any, name: str) -> bool:
    if name == LABEL and isinstance(value, list):
        return all(isinstance(label, str) for label in value)
    return isinstance(value, str) or (name not in ("text", LABEL) and isinstance(value, int | float))


def _cell(value: Any) -> str:
    return "|".join(map(str, value)) if isinstance(value, list) else str(value)
