"""Whether an exported network labels as the trained one does."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.annotation import Annotation
from model.codebook import Schema
from model.errors import FramelineError
from model.labeller import Labeller
from model.prediction import Document
from model.runtime import Runtime
from training.evaluation import label

#: The largest difference allowed between a probability in torch and in ONNX, both in float32.
TOLERANCE = 1e-4
#: The least share of labels on which int8 and float32 must agree.
AGREEMENT = 0.98


class ParityError(FramelineError):
    """An exported network that does not label as the trained one does."""


class Parity(Schema):
    """How an export compares with the trained network, on ``sentences`` sentences.

    ``torch_to_onnx`` is the largest difference of any probability between torch and ONNX in float32;
    ``frames`` and ``stances`` are the shares of labels that the export and float32 agree on.
    """

    sentences: int
    torch_to_onnx: float
    frames: float
    stances: float


def measure_parity(trained: Labeller, plain: Runtime, small: Runtime, annotations: Sequence[Annotation]) -> Parity:
    """Label annotated sentences, and their mentions, in torch, in ONNX float32 and in ONNX int8."""
    texts = [
        (annotation.text, [annotation.mention(actor) for actor in annotation.actors]) for annotation in annotations
    ]
    exact = _Labels.of(label(trained, texts))
    exported = []
    for runtime in (plain, small):
        labeller = Labeller(runtime, trained.tokenizer, trained.codebook, trained.config)
        exported.append(_Labels.of(label(labeller, texts)))
        labeller.close()
    full, quantised = exported
    return Parity(
        sentences=len(annotations),
        torch_to_onnx=float(np.abs(exact.probabilities - full.probabilities).max(initial=0.0)),
        frames=_share(full.frames, quantised.frames),
        stances=_share(full.stances, quantised.stances),
    )


def check_parity(parity: Parity) -> None:
    """Check that an export is close enough.

    Raises:
        ParityError: it is not; the message says by how much.
    """
    if parity.torch_to_onnx > TOLERANCE:
        raise ParityError(f"ONNX differs from torch by {parity.torch_to_onnx:.2e}, allowed are {TOLERANCE:.0e}")
    if min(parity.frames, parity.stances) < AGREEMENT:
        raise ParityError(
            f"the export and float32 agree on {parity.frames:.2%} of the frames and {parity.stances:.2%} of the "
            f"stances; at least {AGREEMENT:.0%} is asked for"
        )


class _Labels(NamedTuple):
    """All labels and probabilities of some documents, in order."""

    frames: list[bool]
    stances: list[str]
    probabilities: NDArray[np.float64]

    @classmethod
    def of(cls, documents: Sequence[Document]) -> "_Labels":
        sentences = [sentence for document in documents for sentence in document.sentences]
        scores = [score for sentence in sentences for score in sentence.frames]
        actors = [actor for sentence in sentences for actor in sentence.actors]
        numbers = [score.probability for score in scores]
        numbers += [probability for actor in actors for probability in actor.probabilities.values()]
        return cls([score.present for score in scores], [actor.stance for actor in actors], np.array(numbers))


def _share(one: Sequence[object], other: Sequence[object]) -> float:
    """The share of places at which two equally long sequences agree; 1 where there are none."""
    return sum(a == b for a, b in zip(one, other, strict=True)) / len(one) if one else 1.0
