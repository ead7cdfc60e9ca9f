"""Which model serves, told to others who label by it."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

from model.codebook import Codebook


class ModelInService(NamedTuple):
    """The model that labels what is asked at a moment.

    ``folder`` is that of its checkpoint, and ``version`` what answers call a version of the registry; None: the
    checkpoint of the settings serves, under its own.
    """

    folder: Path
    codebook: Codebook
    version: str | None


#: Finds the model that serves; raises a `FramelineError` where its checkpoint is damaged, or there no longer.
FindModel = Callable[[], Awaitable[ModelInService]]
