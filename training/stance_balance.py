"""Biases on the stance logits: support is rare in news, and a network that has learned so hardly ever gives it.

The likeliest stance is right most often, but rare stances are then missed, and those are what people look for. One bias
per stance, chosen by the macro F1 on development data, makes up for it (Menon et al. 2021, Long-tail learning via logit
adjustment; they derive the biases from the frequencies, here they are searched for).

Sentences annotated under the codebook and those of a corpus that has only stances, by which it may mean something else,
count the same, however many there are of each.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import f1_score
from torch import Tensor

from model.network import UNKNOWN, FramelineModel
from training.thresholds import smoothed
from training.torch_runtime import autocast

#: Each stance needs so many mentions; fewer would choose biases by chance.
FEWEST = 30
_GRID = np.linspace(-1.5, 1.5, 31).round(1)
_ROUNDS = 3
Values = NDArray[np.float64]
Numbers = NDArray[np.int64]
#: Logits (M, S) of mentions, and the numbers (M,) of their stances.
Judged = tuple[Values, Numbers]


def balance_stances(network: FramelineModel, batches: Iterable[dict[str, Tensor]]) -> dict[str, float]:
    """Add the biases that `choose_biases` finds to the stance head.

    Args:
        network: what judges; only its stance head's bias changes.
        batches: development sentences, as `training.batches.Collator` gives them.

    Returns:
        The biases by stance; empty where there are too few mentions of one to choose by.
    """
    biases = choose_biases(stance_logits(network, batches))
    if not biases.any():
        return {}
    with torch.no_grad():
        network.stance_head.bias.add_(torch.from_numpy(biases).to(network.stance_head.bias))
    return dict(zip(network.config.stances, biases.tolist(), strict=True))


def stance_logits(network: FramelineModel, batches: Iterable[dict[str, Tensor]]) -> tuple[Judged, Judged]:
    """What is said of the annotated mentions in each first window.

    Returns:
        The mentions in sentences all of whose actors are annotated, and those in sentences that have only stances.
    """
    training = network.training
    network.eval()
    logits, gold, complete = [np.zeros((0, len(network.config.stances)))], [np.zeros(0, np.int64)], [np.zeros(0, bool)]
    for batch in batches:
        with torch.no_grad(), autocast():
            spans = network(**{name: values.to(network.device) for name, values in batch.items()}).spans
        known = batch["stance_labels"][..., 0] != UNKNOWN
        logits.append(spans.float().cpu()[known].double().numpy())
        gold.append(batch["stance_labels"][known].argmax(dim=-1).numpy())
        marked = (batch["mention_labels"][..., 0] != UNKNOWN).any(dim=1, keepdim=True)
        complete.append(marked.expand_as(known)[known].numpy())
    network.train(training)
    rows, numbers, whole = np.concatenate(logits), np.concatenate(gold), np.concatenate(complete)
    return (rows[whole], numbers[whole]), (rows[~whole], numbers[~whole])


def choose_biases(sets: Sequence[Judged]) -> Values:
    """Biases that raise the mean macro F1, searched for from -1.5 to 1.5 for one stance after the other, three times.

    Args:
        sets: the mentions by what their stances mean; those without mentions are left out.

    Returns:
        One per stance, shape (S,), 0 for the most frequent one; all 0 where a set has under `FEWEST` mentions of a
        stance, or where nothing is gained.
    """
    none = np.zeros(sets[0][0].shape[1])
    sets = [(logits, gold) for logits, gold in sets if len(gold)]
    counts = np.array([np.bincount(gold, minlength=len(none)) for _, gold in sets])
    if not counts.size or counts.min() < FEWEST:
        return none
    biases = none.copy()
    usual = counts.sum(axis=0).argmax()
    rarer = [stance for stance in range(len(none)) if stance != usual]
    for stance in rarer * _ROUNDS:
        biases[stance] = 0
        biases[stance] = _best(sets, biases, stance)
    return biases if _macro_f1(sets, biases) > _macro_f1(sets, none) else none


def _best(sets: Sequence[Judged], biases: Values, stance: int) -> float:
    """The bias of one stance beside the others' ``biases``, of equally good ones that nearest to 0.

    The macro F1 is smoothed over neighbouring biases, so that one mention does not decide.
    """
    alone = np.eye(len(biases))[stance]
    smooth = smoothed([_macro_f1(sets, biases + value * alone) for value in _GRID])
    best = _GRID[np.isclose(smooth, smooth.max())]
    return float(best[np.abs(best).argmin()])


def _macro_f1(sets: Sequence[Judged], biases: Values) -> float:
    """The mean over the sets."""
    labels = range(len(biases))
    scores = [
        f1_score(gold, (logits + biases).argmax(axis=1), labels=labels, average="macro", zero_division=0)
        for logits, gold in sets
    ]
    return float(np.mean(scores))
