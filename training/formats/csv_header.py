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
    displaced = {*meant.values()}
    if intake.columns.labels:
        displaced |= {name for name in called if is_frame(name, intake.codebook)}
    header = [
        meant.get(column, "" if name in displaced else name) for column, name in zip(columns, called, strict=True)
    ]
    faults = [
        f"{name}: the table has no such column; there are {', '.join(filter(None, columns))}"
        for name in meant
        if name not in columns
    ] or _faults(header, intake.columns, intake.codebook)
    for fault in faults:
        intake.fault(path, 1, fault)
    known = (*SENTENCE, *ACTOR, *intake.codebook.frame_ids)
    for column, name in zip(columns, header, strict=True):
        if column and not name:
            intake.note(f"csv: the column {column!r} left out, others were named in its place")
        elif name and column_frame(name) not in known and name != LABEL:
            intake.note(f"csv: the column {column!r} is none of Frameline's and no frame, left out")
    return None if faults else header


def _called(column: str, codebook: Codebook) -> str:
    """What a column is called here: one of Frameline's in any case, a frame by its id or name."""
    if column.lower() in (*SENTENCE, *ACTOR):
        return column.lower()
    frame = column_frame(column)
    found = frame if frame in codebook.frame_ids else frames_by_folded(codebook).get(fold(frame))
    return column if found in (None, frame) else frame_column(str(found))


def is_frame(name: str, codebook: Codebook) -> bool:
    """Whether a column that is called so here is that of a frame."""
    return name not in (*SENTENCE, *ACTOR) and column_frame(name) in codebook.frame_ids


def _meant(columns: Sequence[str], called: Sequence[str], given: Columns, codebook: Codebook) -> dict[str, str]:
    """What the columns are called here that were named, or whose names are usual for texts and labels."""
    named = {given.text: "text", given.document: "document", given.annotator: "annotator"}
    meant = {column: name for column, name in named.items() if column is not None}
    usual = {column.lower(): column for column in reversed(columns)}
    if given.text is None and "text" not in called:
        meant |= {usual[name]: "text" for name in TEXTS if name in usual}
    for column in given.labels:
        name = _called(column, codebook)
        meant[column] = name if is_frame(name, codebook) else LABEL
    if not given.labels and not any(is_frame(name, codebook) for name in called):
        meant |= {usual[name]: LABEL for name in LABELS if name in usual}
    return meant


def _faults(header: Sequence[str], given: Columns, codebook: Codebook) -> list[str]:
    frames = [frame_column(frame) for frame in codebook.frame_ids]
    faults = [] if "text" in header else ["text: the table has no such column; name it with --text-column"]
    faults += [
        f"{name}: the column is there twice"
        for name in dict.fromkeys(header)
        if name not in ("", LABEL) and header.count(name) > 1
    ]
    if LABEL in header and len(given.labels) > 1:
        faults.append(
            "the whole table: of several columns of labels, each is called as a frame and has 1 or 0; name one alone "
            f"where it names the frames ({', '.join(codebook.frame_ids)})"
        )
    elif header.count(LABEL) > 1:
        faults.append("the whole table: several columns could hold the labels; say which with --label-column")
    faults += [
        f"{name}: the frame has two columns, {name!r} and 'frame:{name}'; keep one"
        for name in frames
        if name in header and f"frame:{name}" in header
    ]
    if LABEL in header:
        return faults
    lacking = [frame for frame in frames if frame not in header and f"frame:{frame}" not in header]
    if given.labels:
        return faults + [
            f"{frame}: no --label-column names this frame of the codebook; name its column, with 1 or 0, too"
            for frame in lacking
        ]
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
