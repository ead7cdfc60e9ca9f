"""What a label is, and how a sentence gets one."""

from typing import TYPE_CHECKING, Any

from model.codebook import Codebook
from model.errors import CheckpointError, CodebookError, FramelineError, InputError
from model.prediction import ActorStance, Document, FrameScore, Sentence, TextDocument

if TYPE_CHECKING:
    from model.labeller import Labeller

__all__ = [
    "ActorStance",
    "CheckpointError",
    "Codebook",
    "CodebookError",
    "Document",
    "FrameScore",
    "FramelineError",
    "InputError",
    "Labeller",
    "Sentence",
    "TextDocument",
]


def __getattr__(name: str) -> Any:
    """Import the labeller, and with it what runs a network, only when somebody asks for it."""
    if name == "Labeller":
        from model.labeller import Labeller

        return Labeller
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
