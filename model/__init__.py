"""What a label is, and how a sentence gets one."""

from model.codebook import Codebook
from model.errors import CheckpointError, CodebookError, FramelineError, InputError
from model.labeller import Labeller
from model.prediction import ActorStance, Document, FrameScore, Sentence, TextDocument

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
