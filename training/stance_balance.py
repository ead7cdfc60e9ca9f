"""Biases on the stance logits: support is rare in news, and a network that has learned so hardly ever gives it.

The likeliest stance is right most often, but rare stances are then missed, and those are what people look for. One bias
per stance, chosen by the macro F1 on development data, makes up for it (Menon et al. 2021, Long-tail learning via logit
adjustment; they derive the biases from the frequencies, here they are searched for).

Sets of sentences that differ in what they are or in what their annotators meant by a stance (those held out, those of
`--development`, those of a corpus that has only stances) count the same, however many there are of each.
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

#: Each stance needs so many mentions in a set; fewer would choose biases by chance.
FEWEST = 20
_GRID = np.linspace(-1.5, 1.5, 31).round(1)
_ROUNDS = 3
Values = NDArray[np.float64]
Numbers = NDArray[np.int64]
#: Logits (M, S) of mentions, and the numbers (M,) of their stances.
Judged = tuple[Values, Numbers]


def balance_stances(network: FramelineModel, sets: Iterable[Iterable[dict[str, Tensor]]]) -> dict[str, float]:
    """Add the biases that `choose_biases` finds to the stance head.

    Args:
        network: what judges; only its stance head's bias changes.
        sets: the batches of each set of development sentences, as `training.batches.Collator` gives them.

    Returns:
        The biases by stance; empty where there are too few mentions of one to choose by.
    """
    biases = choose_biases([stance_logits(network, batches) for batches in sets])
    if not biases.any():
        return {}
    with torch.no_grad():
        network.stance_head.bias.add_(torch.from_numpy(biases).to(network.stance_head.bias))
    return dict(zip(network.config.stances, biases.tolist(), strict=True))


def stance_logits(network: FramelineModel, batches: Iterable[dict[str, Tensor]]) -> Judged:
    """What is said of the annotated mentions in each first window."""
    training = network.training
    network.eval()
    logits, gold = [np.zeros((0, len(network.config.stances)))], [np.zeros(0, np.int64)]
    for batch in batches:
        with torch.no_grad(), autocast():
            spans = network(**{name: values.to(network.device) for name, values in batch.items()}).spans
        known = batch["stance_labels"][..., 0] != UNKNOWN
        logits.append(spans.float().cpu()[known].double().numpy())
        gold.append(batch["stance_labels"][known].argmax(dim=-1).numpy())
    network.train(training)
    return np.concatenate(logits), np.concatenate(gold)


def choose_biases(sets: Sequence[Judged]) -> Values:
    """Biases that raise the mean macro F1, searched for from -1.5 to 1.5 for one stance after the other, three times.

    Args:
        sets: mentions; a set with under `FEWEST` of a stance is joined to the first.

    Returns:
        One per stance, shape (S,), 0 for the most frequent one; all 0 where the first set has under `FEWEST` mentions
        of a stance even so, or where nothing is gained.
    """
    none = np.zeros(sets[0][0].shape[1])
    sets = _large_enough(sets)
    if not sets:
        return none
    biases = none.copy()
    usual = np.sum([_counts(judged) for judged in sets], axis=0).argmax()
    rarer = [stance for stance in range(len(none)) if stance != usual]
    for stance in rarer * _ROUNDS:
        biases[stance] = 0
        biases[stance] = _best(sets, biases, stance)
    return biases if _macro_f1(sets, biases) > _macro_f1(sets, none) else none


def _large_enough(sets: Sequence[Judged]) -> list[Judged]:
    """The sets, small ones joined to the first; none where that is too small even then."""
    first, *others = sets
    large = [judged for judged in others if _counts(judged).min() >= FEWEST]
    first = _joined([first, *(judged for judged in others if _counts(judged).min() < FEWEST)])
    return [first, *large] if _counts(first).min() >= FEWEST else []


def _joined(sets: Sequence[Judged]) -> Judged:
    return np.concatenate([logits for logits, _ in sets]), np.concatenate([gold for _, gold in sets])


def _counts(judged: Judged) -> Numbers:
    """Mentions of each stance, shape (S,)."""
    logits, gold = judged
    return np.bincount(gold, minlength=logits.shape[1])


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
