"""Confidence intervals of a share whose observations come in documents."""

import math
from typing import NamedTuple

from scipy.special import stdtrit

LEVEL = 0.95


class Sums(NamedTuple):
    """Sums over documents: of what was counted (``hits``), of all of which it was counted, and of their products."""

    documents: int
    total: int
    hits: int
    hits_squared: int
    products: int
    totals_squared: int


def interval(sums: Sums) -> tuple[float, float] | None:
    """The 95 % confidence interval of ``hits / total``, clustered by document.

    Sentences of one document resemble each other, so a binomial interval over sentences is too narrow. The variance
    of the share is the linearised (sandwich) one of a ratio of document totals; p (1 - p) over it is the effective
    number of observations, which, corrected for few documents (Korn and Graubard 1998, Survey Methodology 24), goes
    into Wilson's interval (compared by Franco, Little, Louis and Slud 2019, Journal of Survey Statistics and
    Methodology 7). Where nothing or everything is a hit, each document counts as one observation.

    Returns:
        Lower and upper bound; None where fewer than two documents say nothing about how documents differ.
    """
    if sums.documents < 2 or sums.total < 2:
        return None
    share = sums.hits / sums.total
    effective = _effective(sums, share)
    quantile = float(stdtrit(sums.total - 1, (1 + LEVEL) / 2))
    effective *= (quantile / float(stdtrit(sums.documents - 1, (1 + LEVEL) / 2))) ** 2
    return _wilson(share, effective, quantile)


def _effective(sums: Sums, share: float) -> float:
    """How many independent observations would say as much."""
    if sums.hits in (0, sums.total):
        return sums.documents
    squares = sums.hits_squared - 2 * share * sums.products + share**2 * sums.totals_squared
    variance = sums.documents / (sums.documents - 1) * max(squares, 0.0) / sums.total**2
    binomial = share * (1 - share)
    return sums.total if variance * sums.total <= binomial else binomial / variance


def _wilson(share: float, observations: float, quantile: float) -> tuple[float, float]:
    weight = quantile**2 / observations
    middle = (share + weight / 2) / (1 + weight)
    half = quantile / (1 + weight) * math.sqrt(share * (1 - share) / observations + weight / (4 * observations))
    return (max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half)))
