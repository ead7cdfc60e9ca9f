"""How people write a frame: by its id or its name, in any case, with spaces, hyphens or underscores."""

import re

from model.codebook import Codebook


def fold(label: str) -> str:
    """What two ways to write a label have in common."""
    return re.sub(r"[\W_]+", " ", label.casefold()).strip()


def frames_by_folded(codebook: Codebook) -> dict[str, str]:
    """The id of each frame, by its folded name and its folded id; where these clash, the id counts."""
    names = {fold(frame.name): frame.id for frame in codebook.frames}
    return names | {fold(frame.id): frame.id for frame in codebook.frames}
