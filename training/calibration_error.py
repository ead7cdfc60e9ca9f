"""How far probabilities are from how often they come true."""

from collections.abc import Sequence
from typing import NamedTuple

BINS = 10


class Bin(NamedTuple):
    """Predictions of like probability, in ``[low, high)``; the last bin holds 1, too.

    ``size`` counts them, ``probability`` is the mean of their probabilities and ``share`` the share that came true;
    both are 0 in an empty bin.
    """

    low: float
    high: float
    size: int
    probability: float
    share: float


def bin_probabilities(probabilities: Sequence[float], gold: Sequence[bool]) -> tuple[Bin, ...]:
    """Sort predictions into ``BINS`` bins of equal width.

    Args:
        probabilities: one a prediction, from 0 to 1.
        gold: whether each came true; as many as ``probabilities``.
    """
    members: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for probability, true in zip(probabilities, gold, strict=True):
        members[min(int(probability * BINS), BINS - 1)].append((probability, true))
    return tuple(
        Bin(
            low=number / BINS,
            high=(number + 1) / BINS,
            size=len(inside),
            probability=sum(probability for probability, _ in inside) / max(len(inside), 1),
            share=sum(true for _, true in inside) / max(len(inside), 1),
        )
        for number, inside in enumerate(members)
    )


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """The distance of share and probability, averaged over all predictions (Naeini et al., AAAI 2015); 0 is best."""
    total = sum(inside.size for inside in bins)
    return sum(inside.size * abs(inside.share - inside.probability) for inside in bins) / max(total, 1)
