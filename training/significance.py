"""Whether two models that labelled the same sentences differ by more than chance.

The F1 of a label: its difference, with an interval by paired bootstrap over documents (Efron 1979) and a p-value by
approximate randomisation (Noreen 1989; Yeh 2000, More accurate tests for the statistical significance of result
differences), which exchanges the models document by document. The decisions themselves: McNemar's exact test (1947).
All p-values together are corrected by Holm's method (1979).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from training.measures import Totals, f1, macro_f1

#: Draws of the bootstrap and of the randomisation, and how many are made at a time.
DRAWS, _AT_A_TIME = 5_000, 500
_TINY = 1e-12


class Difference(NamedTuple):
    """B's F1 less A's with its 95 % interval, and the two-sided probability of one as large by chance.

    A single document says nothing of others: its interval runs from -1 to 1.
    """

    value: float
    low: float
    high: float
    p: float


def compare_f1(a: Totals, b: Totals, seed: int = 0) -> tuple[list[Difference], Difference]:
    """Compare the F1 of L labels, and its macro average, over D documents.

    Args:
        a: hits, false alarms and misses of one model, shape (D, L, 3).
        b: those of the other one, for the same documents and labels.
        seed: of the draws.

    Returns:
        One difference a label, and that of the macro average.
    """
    observed = _differences(a.sum(axis=0), b.sum(axis=0))
    random = np.random.default_rng(seed)
    low, high = np.quantile(np.concatenate(list(_bootstrap(a, b, random))), [0.025, 0.975], axis=0)
    if len(a) < 2:
        low, high = np.full_like(low, -1), np.full_like(high, 1)
    exchanged = np.concatenate(list(_exchange(a, b, random)))
    p = (1 + (np.abs(exchanged) >= np.abs(observed) - _TINY).sum(axis=0)) / (1 + len(exchanged))
    rows = [Difference(*map(float, row)) for row in zip(observed, low, high, p, strict=True)]
    return rows[:-1], rows[-1]


def compare_decisions(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> tuple[int, int, float]:
    """How many decisions only A, and only B, has right, and McNemar's exact p-value.

    Args:
        a: which of N decisions one model has right, shape (N,).
        b: which the other one has right.
    """
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    if only_a + only_b == 0:
        return 0, 0, 1.0
    return only_a, only_b, min(1.0, float(mcnemar([[0, only_a], [only_b, 0]], exact=True).pvalue))


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values, corrected so that all of them together mislead with at most the level's probability."""
    return [float(p) for p in multipletests(p_values, method="holm")[1]] if p_values else []


def _differences(a: Totals, b: Totals) -> Totals:
    """B's F1 less A's from counts (..., L, 3), with the difference of their macro averages behind those of the labels.

    Each macro average is over the labels that are gold or given by that model, as where it is measured alone.
    """
    return np.concatenate([f1(b) - f1(a), (macro_f1(b) - macro_f1(a))[..., None]], axis=-1)


def _bootstrap(a: Totals, b: Totals, random: np.random.Generator) -> Iterator[Totals]:
    documents = len(a)
    for _ in range(DRAWS // _AT_A_TIME):
        draws = random.multinomial(documents, np.full(documents, 1 / documents), size=_AT_A_TIME).astype(np.float64)
        yield _differences(np.tensordot(draws, a, 1), np.tensordot(draws, b, 1))


def _exchange(a: Totals, b: Totals, random: np.random.Generator) -> Iterator[Totals]:
    total_a, total_b = a.sum(axis=0), b.sum(axis=0)
    for _ in range(DRAWS // _AT_A_TIME):
        moved = np.tensordot(random.integers(2, size=(_AT_A_TIME, len(a))).astype(np.float64), b - a, 1)
        yield _differences(total_a + moved, total_b - moved)
