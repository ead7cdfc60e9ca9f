"""Calibration: probabilities that hold as often as they say, fitted on development data."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression

from model.actors import ActorList
from model.annotation import Annotation
from model.checkpoint import Calibration, Platt
from model.codebook import Codebook
from model.decoding import merge_windows, stance_logits
from model.runtime import Runtime
from model.tokens import SentenceTokenizer

#: With fewer examples on either side nothing is fitted.
FEWEST = 10
#: The inverse weight of the regularisation; Platt's targets already keep the scale finite.
_WEAK = 1e6
#: A temperature lies between these.
_COLDEST, _HOTTEST = 0.2, 5.0


def fit_calibration(
    runtime: Runtime, tokenizer: SentenceTokenizer, codebook: Codebook, annotations: Sequence[Annotation]
) -> Calibration:
    """Fit the scale and bias of each frame and the temperature of the stances.

    Args:
        runtime: what runs the network.
        tokenizer: the tokenizer that belongs to it.
        codebook: the labelling schema.
        annotations: development sentences, never ones to be measured on.
    """
    logits = _Logits.read(runtime, tokenizer, codebook, annotations)
    if codebook.frames_per_sentence == "any":
        frames = {
            frame: fit_platt(
                logits.frames[:, number], np.array([frame in annotation.frames for annotation in annotations])
            )
            for number, frame in enumerate(codebook.frame_ids)
        }
    else:
        frames = dict.fromkeys(codebook.frame_ids, _fit_exclusive(logits.frames, codebook, annotations))
    gold = [codebook.stance_ids.index(actor.stance) for annotation in annotations for actor in annotation.actors]
    return Calibration(frames=frames, temperature=fit_temperature(logits.stances, np.array(gold, dtype=np.int64)))


def _fit_exclusive(logits: NDArray[np.float64], codebook: Codebook, annotations: Sequence[Annotation]) -> Platt:
    """One temperature for all frames, since they exclude each other; having none has the logit 0."""
    if codebook.frames_per_sentence == "at_most_one":
        logits = np.column_stack([logits, np.zeros(len(logits))])
    places = {frame: number for number, frame in enumerate(codebook.frame_ids)}
    none = len(places)
    gold = [places[annotation.frames[0]] if annotation.frames else none for annotation in annotations]
    return Platt(scale=1 / fit_temperature(logits, np.array(gold, dtype=np.int64)))


def fit_platt(logits: NDArray[np.float64], gold: NDArray[np.bool_]) -> Platt:
    """Logistic regression of one frame on its logits (Platt 1999, Probabilistic Outputs for Support Vector Machines).

    As there, the targets are not 1 and 0 but (n + 1) / (n + 2) of n positives and 1 / (n + 2) of n negatives, so
    that separable data does not lead to certainty.

    Args:
        logits: one a sentence, shape (N,).
        gold: whether the sentence has the frame, shape (N,).

    Returns:
        The identity where there are under `FEWEST` sentences with or without the frame, or where a higher logit
        would make it less probable.
    """
    positives = int(gold.sum())
    negatives = len(gold) - positives
    if min(positives, negatives) < FEWEST:
        return Platt()
    target = np.where(gold, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    model = LogisticRegression(C=_WEAK).fit(
        np.tile(logits, 2)[:, None],
        np.repeat([True, False], len(gold)),
        sample_weight=np.concatenate([target, 1 - target]),
    )
    scale, bias = float(model.coef_[0, 0]), float(model.intercept_[0])
    return Platt(scale=scale, bias=bias) if scale > 0 else Platt()


def fit_temperature(logits: NDArray[np.float64], gold: NDArray[np.int64]) -> float:
    """The temperature with the least negative log likelihood (Guo et al. 2017, On Calibration of Modern Networks).

    Args:
        logits: mean stance logits of each mention, shape (M, S).
        gold: the number of its stance, shape (M,).

    Returns:
        1 where there are under `FEWEST` mentions, or where none is judged wrongly: then colder is always likelier.
    """
    if len(gold) < FEWEST or (logits.argmax(axis=1) == gold).all():
        return 1.0
    rows = np.arange(len(gold))

    def loss(exponent: float) -> float:
        return -float(log_softmax(logits / np.exp(exponent), axis=1)[rows, gold].mean())

    best = minimize_scalar(loss, bounds=(np.log(_COLDEST), np.log(_HOTTEST)), method="bounded")
    return float(np.exp(best.x))


class _Logits(NamedTuple):
    """What the network says of N sentences and their M annotated mentions, before any calibration.

    ``frames`` has shape (N, F), ``stances`` (M, S).
    """

    frames: NDArray[np.float64]
    stances: NDArray[np.float64]

    @classmethod
    def read(
        cls, runtime: Runtime, tokenizer: SentenceTokenizer, codebook: Codebook, annotations: Sequence[Annotation]
    ) -> "_Logits":
        actors = ActorList(codebook)
        frames, stances = [], []
        for annotation in annotations:
            tokens = tokenizer(annotation.text, actors.find(annotation.text))
            output = merge_windows(tokens, [runtime.run(window) for window in tokens.windows])
            frames.append(output.frames.astype(np.float64))
            stances += [stance_logits(tokens, output.stances, actor.start, actor.end) for actor in annotation.actors]
        return cls(
            np.array(frames).reshape(len(frames), len(codebook.frame_ids)),
            np.array(stances).reshape(len(stances), len(codebook.stance_ids)),
        )
