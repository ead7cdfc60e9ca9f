"""Choosing the probabilities from which labels are given, on development data."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model.annotation import Annotation
from model.checkpoint import Platt, Thresholds
from model.decoding import frame_probabilities
from model.labeller import Labeller
from training.evaluation import count_found, label

_GRID = np.round(np.arange(0.1, 0.91, 0.02), 2)
_MENTION_GRID = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
_LISTED_GRID = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5)


def choose_thresholds(
    labeller: Labeller, annotations: Sequence[Annotation], marked: Sequence[Annotation]
) -> Thresholds:
    """The thresholds with the highest F1 on ``annotations``, for each frame, and on ``marked`` for actor mentions.

    Those of the frames hold for the labeller's calibrated probabilities; they are 0 where frames exclude each other,
    since then the likeliest is given.

    Args:
        labeller: the model, calibrated; its own thresholds for frames do not matter.
        annotations: development sentences, never ones to be measured on.
        marked: those in which actors are marked; where there are none, the labeller's thresholds for mentions stay.
    """
    documents = label(labeller, [(annotation.text, None) for annotation in annotations])
    scores = {
        frame: np.array([document.sentences[0].frames[number].probability for document in documents])
        for number, frame in enumerate(labeller.codebook.frame_ids)
    }
    exclusive = labeller.codebook.frames_per_sentence != "any"
    frames = {
        frame: 0.0
        if exclusive
        else best_threshold(
            probabilities,
            np.array([frame in annotation.frames for annotation in annotations]),
            calibrated_grid(labeller.config.calibration.frame(frame)),
        )
        for frame, probabilities in scores.items()
    }
    if not marked:
        return labeller.config.thresholds.model_copy(update={"frames": frames})
    mention, listed = _mention_thresholds(labeller, marked, frames)
    return Thresholds(frames=frames, mention=mention, listed=listed)


def calibrated_grid(calibration: Platt) -> NDArray[np.float64]:
    """The thresholds to try, as they lie after calibration.

    Calibration keeps the order of sentences, so with them the same labels can be given as without it. An even
    grid could not: a rare frame's calibrated probabilities may all lie below its lowest threshold.
    """
    return frame_probabilities(np.log(_GRID / (1 - _GRID)), calibration.scale, calibration.bias)


def best_threshold(
    probabilities: NDArray[np.float64], gold: NDArray[np.bool_], grid: NDArray[np.float64] = _GRID
) -> float:
    """The threshold of ``grid`` with the highest F1, smoothed over neighbours so that one sentence does not decide.

    Of equally good ones it is that nearest to 0.5, which is also what is left where no sentence has the label.
    """
    found = probabilities[None, :] >= grid[:, None]
    hits = (found & gold).sum(axis=1)
    f1 = 2 * hits / np.maximum(found.sum(axis=1) + gold.sum(), 1)
    smooth = smoothed(f1)
    best = grid[np.isclose(smooth, smooth.max())]
    return float(best[np.abs(best - 0.5).argmin()])


def smoothed(scores: ArrayLike) -> NDArray[np.float64]:
    """Each score of a grid, shape (G,), as the mean of itself and the two on either side."""
    return np.convolve(np.pad(scores, 2, mode="edge"), np.full(5, 0.2), mode="valid")


def _mention_thresholds(
    labeller: Labeller, annotations: Sequence[Annotation], frames: dict[str, float]
) -> tuple[float, float]:
    best, chosen = 0.0, (0.5, 0.5)
    for mention in _MENTION_GRID:
        for listed in (value for value in _LISTED_GRID if value <= mention):
            thresholds = Thresholds(frames=frames, mention=mention, listed=listed)
            config = labeller.config.model_copy(update={"thresholds": thresholds})
            candidate = Labeller(labeller.runtime, labeller.tokenizer, labeller.codebook, config)
            f1 = _mention_f1(candidate, annotations)
            candidate.close()
            if f1 > best:
                best, chosen = f1, (mention, listed)
    return chosen


def _mention_f1(labeller: Labeller, annotations: Sequence[Annotation]) -> float:
    documents = label(labeller, [(annotation.text, None) for annotation in annotations])
    total = count_found(annotations, documents)
    return 2 * total.hits / max(2 * total.hits + total.false_alarms + total.misses, 1)
