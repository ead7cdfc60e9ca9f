"""How people write a frame: by its id or its name, in any case, and in its column whether it is there."""

import re

from model.codebook import Codebook

#: Cells of a frame's column, in small letters; pandas makes floats of integers where some are missing.
YES, NO = ("1", "1.0", "x", "yes", "true"), ("", "0", "0.0", "no", "false")
_SEPARATORS = re.compile(r"[|;]")
#: What the name of a frame's column begins with where the frame is called like a column of Frameline's.
_COLUMN = "frame:"


def split_labels(cell: str) -> list[str]:
    """The labels in a cell, which ``|`` or ``;`` separate."""
    return [label.strip() for label in _SEPARATORS.split(cell) if label.strip()]


def unknown_label(label: str, codebook: Codebook) -> str:
    """What is wrong with a label that is no frame, and what helps."""
    return (
        f"{label!r} is not a frame of the codebook ({', '.join(codebook.frame_ids)}); correct it, add the frame, or "
        "leave the cell empty where there is none; several are separated by | or ;"
    )


def column_frame(column: str) -> str:
    """The frame that a column of ones and zeros names."""
    return column.removeprefix(_COLUMN)


def fold(label: str) -> str:
    """What two ways to write a label have in common: no case, and spaces for hyphens and underscores."""
    return re.sub(r"[\W_]+", " ", label.casefold()).strip()


def frames_by_folded(codebook: Codebook) -> dict[str, str]:
    """The id of each frame, by its folded name and its folded id; where these clash, the id counts."""
    names = {fold(frame.name): frame.id for frame in codebook.frames}
    return names | {fold(frame.id): frame.id for frame in codebook.frames}
