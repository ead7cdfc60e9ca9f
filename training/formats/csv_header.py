"""The first line of a table for spreadsheets: what its columns are called here, and what is wrong with them."""

from collections.abc import Sequence
from pathlib import Path

from model.codebook import Codebook
from training.formats.intake import Intake
from training.frame_names import column_frame, fold, frames_by_folded
from training.table_columns import LABELS, TEXTS, Columns

SENTENCE = ("kind", "id", "document", "annotator", "origin", "text")
ACTOR = ("mention", "start", "end", "stance", "actor")
#: What the one column is called here that holds a sentence's frames, where they have no columns of their own.
LABEL = "frame:"


def frame_column(frame: str) -> str:
    """What the column of a frame is called."""
    return f"frame:{frame}" if frame in (*SENTENCE, *ACTOR) else frame


def read_header(path: Path, cells: Sequence[str], intake: Intake) -> list[str] | None:
    """What each column is called here; None, with faults in ``intake``, where the table cannot be read by them."""
    columns = [cell.strip() for cell in cells]
    called = [_called(column, intake.codebook) for column in columns]
    meant = _meant(columns, called, intake.columns, intake.codebook)
    header = [meant.get(column, name) for column, name in zip(columns, called, strict=True)]
    faults = [
        f"{name}: the table has no such column; there are {', '.join(filter(None, columns))}"
        for name in meant
        if name not in columns
    ] or _faults(header, intake.codebook)
    for fault in faults:
        intake.fault(path, 1, fault)
    known = (*SENTENCE, *ACTOR, *intake.codebook.frame_ids)
    for column, name in zip(columns, header, strict=True):
        if name and column_frame(name) not in known and name != LABEL:
            intake.note(f"csv: the column {column!r} is none of Frameline's and no frame, left out")
    return None if faults else header


def _called(column: str, codebook: Codebook) -> str:
    """What a column is called here: one of Frameline's in any case, a frame by its id or name."""
    if column.lower() in (*SENTENCE, *ACTOR):
        return column.lower()
    frame = column_frame(column)
    found = frame if frame in codebook.frame_ids else frames_by_folded(codebook).get(fold(frame))
    return column if found in (None, frame) else frame_column(str(found))


def _meant(columns: Sequence[str], called: Sequence[str], given: Columns, codebook: Codebook) -> dict[str, str]:
    """What the columns are called here that were named, or whose names are usual for texts and labels."""
    named = {given.text: "text", given.document: "document", given.annotator: "annotator"}
    meant = {column: name for column, name in named.items() if column is not None}
    usual = {column.lower(): column for column in reversed(columns)}
    if given.text is None and "text" not in called:
        meant |= {usual[name]: "text" for name in TEXTS if name in usual}
    if len(given.labels) == 1:
        meant[given.labels[0]] = LABEL
    elif not given.labels and not {*called} & {*codebook.frame_ids, *map(frame_column, codebook.frame_ids)}:
        meant |= {usual[name]: LABEL for name in LABELS if name in usual}
    return meant


def _faults(header: Sequence[str], codebook: Codebook) -> list[str]:
    frames = [frame_column(frame) for frame in codebook.frame_ids]
    faults = [] if "text" in header else ["text: the table has no such column; name it with --text-column"]
    faults += [
        f"{name}: the column is there twice"
        for name in dict.fromkeys(header)
        if name not in ("", LABEL) and header.count(name) > 1
    ]
    if header.count(LABEL) > 1:
        faults.append("the whole table: several columns could hold the labels; say which with --label-column")
    faults += [
        f"{name}: the frame has two columns, {name!r} and 'frame:{name}'; keep one"
        for name in frames
        if name in header and f"frame:{name}" in header
    ]
    if LABEL in header:
        return faults
    lacking = [frame for frame in frames if frame not in header and f"frame:{frame}" not in header]
    if len(lacking) == len(frames) > 1:
        return [
            *faults,
            f"the whole table: no frame of the codebook {codebook.label} has a column ({', '.join(frames)}); name the "
            "codebook by which it was annotated with --codebook, give each frame a column, with 1 or 0, or name the "
            "column of labels with --label-column",
        ]
    return faults + [
        f"{frame}: the table has no column for this frame of the codebook; add it, with 1 or 0" for frame in lacking
    ]
