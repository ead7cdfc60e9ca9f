"""Training examples: a sentence with the labels that its corpus has."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from model.annotation import Annotation, Span
from training.marking import can_mark


@dataclass(frozen=True)
class SoftLabels:
    """A teacher's probabilities for one sentence.

    ``frames`` has one a frame, or is None where only the others are learned, ``stances`` one of each stance for every
    span of the example's ``stances``,
    ``mentions`` outside, beginning and inside by the place at which a word starts, ``vectors`` (D,) the teacher's
    token vectors by the place at which a token starts.
    """

    frames: tuple[float, ...] | None
    mentions: dict[int, tuple[float, ...]]
    stances: tuple[tuple[float, ...], ...]
    vectors: dict[int, NDArray[np.float16]] = field(default_factory=dict)


@dataclass(frozen=True)
class Example:
    """A sentence; None stands for labels that its corpus does not have.

    ``stances`` pairs each span to judge with its stance. ``mentions`` are all spans that name an actor,
    ``undecided`` those of which it is not known. ``soft`` is what a teacher says of the sentence, ``origin`` the text
    of the sentence of which it is a copy with other names or in other words.
    """

    text: str
    document: str
    stances: tuple[tuple[Span, str | None], ...]
    frames: tuple[str, ...] | None = None
    mentions: tuple[Span, ...] | None = None
    undecided: tuple[Span, ...] = ()
    soft: SoftLabels | None = None
    origin: str | None = None


def from_annotations(annotations: Iterable[Annotation], *, actors: bool = True) -> list[Example]:
    """Examples with every label that the codebook asks for; those of tables have nothing of actors.

    Args:
        annotations: the annotated sentences.
        actors: False where nobody has marked actors, so that their absence says nothing, or where none are learned.
    """
    return [
        Example(
            text=annotation.text,
            document=annotation.document,
            stances=tuple((actor, actor.stance) for actor in annotation.actors) if actors else (),
            frames=annotation.frames,
            mentions=annotation.actors if actors and can_mark(annotation) else None,
            undecided=annotation.undecided,
        )
        for annotation in annotations
    ]
