"""How fast two models label, measured turn by turn, so that both have the same of whatever else the machine does."""

from collections.abc import Sequence
from statistics import median
from time import perf_counter
from typing import NamedTuple

from model.labeller import Labeller
from training.evaluation import label

#: Sentences of a round, the most rounds, and the seconds after which there is no further one.
_SENTENCES, _ROUNDS, _SECONDS = 200, 7, 20.0
_FEWEST = 3


class Speed(NamedTuple):
    """Sentences a second of A and of B, and how many times as fast B is: each the median of the rounds."""

    a: float
    b: float
    faster: float
    rounds: int


def measure_speed(a: Labeller, b: Labeller, texts: Sequence[str]) -> Speed:
    """Label the same sentences by both, on as many threads as each has; who is first changes every round.

    Args:
        a: one model.
        b: the other.
        texts: sentences, at least one.
    """
    sample = [(text, None) for text in (list(texts) * _SENTENCES)[:_SENTENCES]]
    began = perf_counter()
    rounds: list[tuple[float, float]] = []
    while len(rounds) < _FEWEST or (len(rounds) < _ROUNDS and perf_counter() - began < _SECONDS):
        order = (a, b) if len(rounds) % 2 == 0 else (b, a)
        seconds = {id(labeller): _seconds(labeller, sample) for labeller in order}
        rounds.append((seconds[id(a)], seconds[id(b)]))
    return Speed(
        median(len(sample) / before for before, _ in rounds),
        median(len(sample) / after for _, after in rounds),
        median(before / after for before, after in rounds),
        len(rounds),
    )


def _seconds(labeller: Labeller, sample: Sequence[tuple[str, None]]) -> float:
    began = perf_counter()
    label(labeller, sample)
    return perf_counter() - began
