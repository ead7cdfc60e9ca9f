"""Biases on the stance logits: support is rare in news, and a network that has learned so hardly ever gives it.

The likeliest stance is right most often, but rare stances are then missed, and those are what people look for. One bias
per stance, chosen by the macro F1 on development data, makes up for it (Menon et al. 2021, Long-tail learning via logit
adjustment; they derive the biases from the frequencies, here they are searched for).
"""

from collections.abc import Iterable

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
Logits = NDArray[np.float64]
Numbers = NDArray[np.int64]


def balance_stances(network: FramelineModel, batches: Iterable[dict[str, Tensor]]) -> dict[str, float]:
    """Add the biases that `choose_biases` finds to the stance head.

    Args:
        network: what judges; only its stance head's bias changes.
        batches: development sentences, as `training.batches.Collator` gives them.

    Returns:
        The biases by stance; empty where there are too few mentions of one to choose by.
    """
    biases = choose_biases(*stance_logits(network, batches))
    if not biases.any():
        return {}
    with torch.no_grad():
        network.stance_head.bias.add_(torch.from_numpy(biases).to(network.stance_head.bias))
    return dict(zip(network.config.stances, biases.tolist(), strict=True))


def stance_logits(network: FramelineModel, batches: Iterable[dict[str, Tensor]]) -> tuple[Logits, Numbers]:
    """Logits (M, S) of the annotated mentions in each first window, and the numbers (M,) of their stances."""
    training = network.training
    network.eval()
    logits, gold = [np.zeros((0, len(network.config.stances)))], [np.zeros(0, dtype=np.int64)]
    for batch in batches:
        with torch.no_grad(), autocast():
            spans = network(**{name: values.to(network.device) for name, values in batch.items()}).spans
        known = batch["stance_labels"][..., 0] != UNKNOWN
        logits.append(spans.float().cpu()[known].double().numpy())
        gold.append(batch["stance_labels"][known].argmax(dim=-1).numpy())
    network.train(training)
    return np.concatenate(logits), np.concatenate(gold)


def choose_biases(logits: Logits, gold: Numbers) -> Logits:
    """Biases that raise the macro F1, searched for from -1.5 to 1.5 for one stance after the other, three times.

    Args:
        logits: of each mention, shape (M, S).
        gold: the number of its stance, shape (M,).

    Returns:
        One per stance, shape (S,), 0 for the most frequent one; all 0 where a stance has under `FEWEST` mentions, or
        where nothing is gained.
    """
    none = np.zeros(logits.shape[1])
    counts = np.bincount(gold, minlength=len(none))
    if counts.min() < FEWEST:
        return none
    biases = none.copy()
    rarer = [stance for stance in range(len(none)) if stance != counts.argmax()]
    for stance in rarer * _ROUNDS:
        biases[stance] = 0
        biases[stance] = _best(logits + biases, gold, stance)
    return biases if _macro_f1(logits + biases, gold) > _macro_f1(logits, gold) else none


def _best(logits: Logits, gold: Numbers, stance: int) -> float:
    """The bias of one stance, of equally good ones that nearest to 0.

    The macro F1 is smoothed over neighbouring biases, so that one mention does not decide.
    """
    alone = np.eye(logits.shape[1])[stance]
    smooth = smoothed([_macro_f1(logits + value * alone, gold) for value in _GRID])
    best = _GRID[np.isclose(smooth, smooth.max())]
    return float(best[np.abs(best).argmin()])


def _macro_f1(logits: Logits, gold: Numbers) -> float:
    labels = range(logits.shape[1])
    return float(f1_score(gold, logits.argmax(axis=1), labels=labels, average="macro", zero_division=0))
