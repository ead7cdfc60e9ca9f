"""What to annotate next: sentences of which the model is unsure, and which differ from one another.

The most uncertain sentences are clustered by k-means, each weighted by its uncertainty, and the one nearest to each
centre is taken (Zhdanov 2019, Diverse mini-batch Active Learning).
"""

import heapq
from collections.abc import Callable, Iterable, Sequence
from itertools import count

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import pairwise_distances_argmin

from training.candidates import Candidate
from training.near_duplicates import NearDuplicates

#: Clustered are so many times the sentences that are wanted, the most uncertain ones.
_POOL = 10
#: Kept of a stream are so many times those, as near duplicates among them fall out.
_SPARE = 3
#: Weight of a sentence of which the model is quite sure.
_LEAST = 1e-6


def suggest(
    candidates: Iterable[Candidate],
    number: int,
    annotated: Iterable[str],
    embed: Callable[[Sequence[str]], NDArray[np.float32]],
    seed: int = 0,
) -> list[Candidate]:
    """Choose sentences to annotate, the most uncertain first.

    Args:
        candidates: sentences with their uncertainty; any number, since only the most uncertain are kept.
        number: how many are wanted; fewer come where there are no more.
        annotated: sentences that are annotated already; they and near duplicates of them are left out.
        embed: gives a vector for each text.
        seed: of the clustering.
    """
    known = NearDuplicates()
    texts = {*annotated}
    for text in texts:
        known.add(text)
    ticket = count()
    keyed = ((one.uncertainty, -next(ticket), one) for one in candidates if one.text not in texts and one.text.strip())
    kept = heapq.nlargest(number * _POOL * _SPARE, keyed, key=lambda entry: entry[:2])
    pool: list[Candidate] = []
    for _, _, candidate in kept:
        if len(pool) < number * _POOL and not known.add(candidate.text):
            pool.append(candidate)
    if len(pool) <= number:
        return pool
    chosen = choose(embed([one.text for one in pool]), np.array([one.uncertainty for one in pool]), number, seed)
    return [pool[place] for place in chosen]


def choose(vectors: NDArray[np.float32], uncertainties: NDArray[np.float64], number: int, seed: int = 0) -> list[int]:
    """Indices of ``number`` different sentences, in their order: (N, width) vectors and (N,) uncertainties."""
    weights = np.maximum(uncertainties, _LEAST)
    means = KMeans(n_clusters=number, n_init=1, random_state=seed).fit(vectors, sample_weight=weights)
    found = {int(place) for place in pairwise_distances_argmin(means.cluster_centers_, vectors)}
    rest = (int(place) for place in np.argsort(-uncertainties, kind="stable") if int(place) not in found)
    return sorted([*found, *(place for place, _ in zip(rest, range(number - len(found)), strict=False))])
