"""Which columns of a table hold texts, labels and documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from model.errors import FaultsError
from training.frame_names import column_frame, fold

TEXTS = ("text", "sentence")
LABELS = ("label", "labels", "frame", "frames")
_DOCUMENTS = ("document",)


def document_in(cell: str) -> str | None:
    """The document that a cell names; None where it is empty, or holds what R writes for a missing value."""
    name = cell.strip()
    return None if name in ("", "NA") else name


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Which columns hold what; None or empty finds them by their names.

    Attributes:
        text: the sentence; "text" or "sentence" by default.
        labels: one column whose fields hold labels (several separated by ``|`` or ``;``), or one column a frame with
            1 or 0; by default "label", "labels", "frame" or "frames", else the columns that are named as frames. Those
            come first where one of them is called like a column of labels, or "frame:" and its frame, as in our tables.
        document: what the sentence comes from, so that sentences of one document stay together; "document" by default.
            Without it every text is a document of its own.
        annotator: who annotated, which `frameline annotations import` alone asks.
    """

    text: str | None = None
    labels: tuple[str, ...] = ()
    document: str | None = None
    annotator: str | None = None


class Found(NamedTuple):
    """The names of a table's columns: of its texts, its labels and, where it has one, its documents.

    ``each``: every column of labels says with 1 or 0 whether its own holds; else there is one, of their names.
    """

    text: str
    labels: list[str]
    each: bool
    document: str | None


def find_columns(file: Path, names: Sequence[str], columns: Columns, frames: Sequence[str]) -> Found:
    """Find what is asked for among the columns of a table.

    Args:
        file: the table.
        names: its columns.
        columns: which of them hold what.
        frames: names that a column of ones and zeros may have.

    Raises:
        FaultsError: a column is not there, or several could each be meant.
    """
    known = {fold(frame) for frame in frames}
    held = _frame_columns(names, known)
    others = [name for name in names if name not in held]
    plain = others if any(name.lower() in TEXTS for name in others) else names
    text = _column(file, names if columns.text else plain, columns.text, TEXTS, "text")
    labels = _label_columns(file, names, columns.labels, held)
    document = _usual_column(file, names, _DOCUMENTS, "document")
    if columns.document is not None:
        document = _column(file, names, columns.document, (), "document")
    each = len(labels) > 1 or fold(column_frame(labels[0])) in known
    return Found(text, labels, each, document)


def _frame_columns(names: Sequence[str], known: set[str]) -> list[str]:
    """The columns that are named as frames; beside "frame:origin", "origin" is none.

    Args:
        names: the columns.
        known: the folded names of frames.
    """
    named = [name for name in names if fold(column_frame(name)) in known]
    outright = {fold(column_frame(name)) for name in named if name != column_frame(name)}
    return [name for name in named if name != column_frame(name) or fold(name) not in outright]


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


def _label_columns(file: Path, names: Sequence[str], given: Sequence[str], held: list[str]) -> list[str]:
    if given:
        return [_column(file, names, name, (), "label") for name in given]
    if any(name.lower() in LABELS or name != column_frame(name) for name in held):
        return held
    found = _usual_column(file, names, LABELS, "label")
    if found is not None:
        return [found]
    if not held:
        raise FaultsError(
            [
                f"{file}:1: no column named 'label', nor any as a frame; name the labels with --label-column "
                f"(there are {', '.join(names)})"
            ]
        )
    return held
