"""How people write a frame: by its id or its name, in any case, and in its column whether it is there."""

import re

from model.codebook import Codebook

#: Cells of a frame's column, in small letters; pandas makes floats of integers where some are missing.
YES, NO = ("1", "1.0", "x", "yes", "true"), ("", "0", "0.0", "no", "false")


def fold(label: str) -> str:
    """What two ways to write a label have in common: no case, and spaces for hyphens and underscores."""
    return re.sub(r"[\W_]+", " ", label.casefold()).strip()


def frames_by_folded(codebook: Codebook) -> dict[str, str]:
    """The id of each frame, by its folded name and its folded id; where these clash, the id counts."""
    names = {fold(frame.name): frame.id for frame in codebook.frames}
    return names | {fold(frame.id): frame.id for frame in codebook.frames}
