"""Whether an exported network labels as the trained one does."""

from collections.abc import Sequence, Set
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.actors import ActorList
from model.annotation import Annotation
from model.codebook import Schema
from model.decoding import merge_windows, softmax
from model.errors import FramelineError
from model.labeller import Labeller
from model.runtime import Runtime
from training.evaluation import label
from training.remembering_runtime import RememberingRuntime

#: The largest difference allowed between a probability in torch and in ONNX, both in float32.
TOLERANCE = 1e-4
#: The least share of labels, and of the mentions found, on which int8 and float32 must agree.
AGREEMENT = 0.98


class ParityError(FramelineError):
    """An exported network that does not label as the trained one does."""


class Parity(Schema):
    """How an export compares with the trained network, on ``sentences`` sentences.

    ``torch_to_onnx`` is the largest difference of any probability between torch and ONNX in float32, those of outside,
    beginning and inside of every token among them; ``frames`` and ``stances`` are the shares of labels that the export
    and float32 agree on, ``mentions`` the share of mentions found by either that both find (their Dice coefficient).
    """

    sentences: int
    torch_to_onnx: float
    frames: float
    mentions: float
    stances: float


def measure_parity(trained: Labeller, plain: Runtime, small: Runtime, annotations: Sequence[Annotation]) -> Parity:
    """Label annotated sentences, and their mentions, in torch, in ONNX float32 and in the precision of the export.

    Raises:
        ParityError: a network gives what is no number.
    """
    exact, full, exported = (_Labels.of(trained, runtime, annotations) for runtime in (trained.runtime, plain, small))
    return Parity(
        sentences=len(annotations),
        torch_to_onnx=float(np.abs(exact.probabilities - full.probabilities).max(initial=0.0)),
        frames=_share(full.frames, exported.frames),
        mentions=_dice(full.mentions, exported.mentions),
        stances=_share(full.stances, exported.stances),
    )


def check_parity(parity: Parity) -> None:
    """Check that an export is close enough; what is no number is not.

    Raises:
        ParityError: it is not; the message says by how much.
    """
    if not parity.torch_to_onnx <= TOLERANCE:
        raise ParityError(f"ONNX differs from torch by {parity.torch_to_onnx:.2e}, allowed are {TOLERANCE:.0e}")
    if not all(share >= AGREEMENT for share in (parity.frames, parity.mentions, parity.stances)):
        raise ParityError(
            f"the export and float32 agree on {parity.frames:.2%} of the frames, {parity.mentions:.2%} of the mentions "
            f"and {parity.stances:.2%} of the stances; at least {AGREEMENT:.0%} is asked for"
        )


class _Labels(NamedTuple):
    """What one network says of some sentences, in order.

    ``mentions`` are those found, each with the number of its sentence and its place; the others are of the annotated
    ones.
    """

    frames: list[bool]
    stances: list[str]
    mentions: set[tuple[int, int, int]]
    probabilities: NDArray[np.float64]

    @classmethod
    def of(cls, trained: Labeller, network: Runtime, annotations: Sequence[Annotation]) -> "_Labels":
        runtime = RememberingRuntime(network)
        words = _mention_probabilities(trained, runtime, annotations)
        labeller = Labeller(runtime, trained.tokenizer, trained.codebook, trained.config, trained.threads)
        judged = label(labeller, [(one.text, one.actors) for one in annotations])
        found = label(labeller, [(one.text, None) for one in annotations])
        labeller.close()
        sentences = [sentence for document in judged for sentence in document.sentences]
        scores = [score for sentence in sentences for score in sentence.frames]
        actors = [actor for sentence in sentences for actor in sentence.actors]
        numbers = [score.probability for score in scores]
        numbers += [probability for actor in actors for probability in actor.probabilities.values()]
        return cls(
            [score.present for score in scores],
            [actor.stance for actor in actors],
            {
                (number, actor.start, actor.end)
                for number, document in enumerate(found)
                for sentence in document.sentences
                for actor in sentence.actors
            },
            np.concatenate([numbers, *words]),
        )


def _mention_probabilities(
    trained: Labeller, runtime: Runtime, annotations: Sequence[Annotation]
) -> list[NDArray[np.float64]]:
    """Of each sentence, those of outside, beginning and inside of every token.

    Raises:
        ParityError: the network gives what is no number.
    """
    actors = ActorList(trained.codebook)
    probabilities = []
    for annotation in annotations:
        tokens = trained.tokenizer(annotation.text, actors.find(annotation.text))
        output = merge_windows(tokens, [runtime.run(window) for window in tokens.windows])
        if not all(np.isfinite(logits).all() for logits in output):
            raise ParityError(f"a network gives what is no number for {annotation.id}")
        probabilities.append(softmax(output.mentions.astype(np.float64)).ravel())
    return probabilities


def _share(one: Sequence[object], other: Sequence[object]) -> float:
    """The share of places at which two equally long sequences agree; 1 where there are none."""
    return sum(a == b for a, b in zip(one, other, strict=True)) / len(one) if one else 1.0


def _dice(one: Set[object], other: Set[object]) -> float:
    """How far two sets are the same; 1 where both are empty."""
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 1.0
