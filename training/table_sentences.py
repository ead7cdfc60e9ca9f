"""Whether the rows of a table are annotated sentences, of which a model can learn."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from model.annotation import NOBODY

#: The kinds of rows that are spans of a sentence.
SPANS = ("actor", "undecided")


def find_others(file: Path, records: Sequence[tuple[str, dict[str, Any]]], labels: Sequence[str]) -> list[str]:
    """What is wrong with a table of which rows are spans, or sentences that nobody has annotated yet.

    Our own tables (`training.formats.csv_table`) have such rows, which would be taken for sentences without frames.

    Args:
        file: the table.
        records: each row's place, and its fields by their columns.
        labels: the columns of labels.

    Returns:
        A fault for either, at the first such row, with the remedy.
    """
    spans = [place for place, record in records if _cell(record, "kind") in SPANS]
    empty = [
        place
        for place, record in records
        if _cell(record, "annotator") == NOBODY and not any(str(record.get(name, "")).strip() for name in labels)
    ]
    command = f"`frameline annotations import {file} --out NEW`"
    faults = [
        f"{place}: kind: no sentence, but a span{_count(spans)}; bring the table in, with its actors, by {command}, "
        "and train on what it makes"
        for place in spans[:1]
    ]
    faults += [
        f"{place}: annotator: nobody has annotated this sentence yet{_count(empty)}; annotate it, or leave such rows "
        f"out by {command}, and train on what it makes"
        for place in empty[:1]
    ]
    return faults


def _cell(record: dict[str, Any], column: str) -> str:
    """What stands in a column of Frameline's, which may be called in any case."""
    return next((str(cell).strip() for name, cell in record.items() if name.lower() == column), "")


def _count(places: Sequence[str]) -> str:
    return f" ({len(places)} such rows)" if len(places) > 1 else ""
