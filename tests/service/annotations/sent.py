"""Annotations to send."""

from typing import Any

from service.annotations.annotator import Annotator
from service.annotations.wire import SentAnnotation

ADA, BO = Annotator("Ada", "0a0a0a0a"), Annotator("Bo", "0b0b0b0b")
MODEL = {"name": "tiny", "version": "1.0", "codebook": "tiny-1"}
TEXT = "Äneas thanked Arland ."
ARLAND = {"start": 14, "end": 20, "stance": "supportive", "actor": "arland"}


def row(**changed: Any) -> dict[str, Any]:
    """What a client sends of one sentence."""
    made: dict[str, Any] = {"document": "d", "text": TEXT, "frames": ["guarding"], "actors": [ARLAND], "origin": "test"}
    return {**made, "model": MODEL, **changed}


def sent(**changed: Any) -> SentAnnotation:
    """The same, read."""
    return SentAnnotation.model_validate(row(**changed))
