"""F1 scores with bootstrap intervals, from counts by document."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.annotation import Span
from model.codebook import Schema


class Counts(NamedTuple):
    """True positives, false positives and false negatives of one label in one document."""

    hits: int
    false_alarms: int
    misses: int

    @property
    def f1(self) -> float:
        """F1; 0 where there is nothing to find and nothing found."""
        return 2 * self.hits / max(2 * self.hits + self.false_alarms + self.misses, 1)

    @property
    def support(self) -> int:
        """How often the label is gold."""
        return self.hits + self.misses


class Score(Schema):
    """One label's scores; ``low`` and ``high`` bound the 95 % interval of ``f1``.

    They are None where the label is gold or given in fewer than two documents, which say nothing about how documents
    differ. ``support`` counts gold labels, ``given`` the model's; without any of either all scores are 0 and mean
    nothing.
    """

    label: str
    precision: float
    recall: float
    f1: float
    low: float | None
    high: float | None
    support: int
    given: int

    @property
    def occurs(self) -> bool:
        """Whether the label is gold or given anywhere."""
        return self.support > 0 or self.given > 0

    @property
    def interval(self) -> str:
        """The interval in words, a dash where there is none."""
        return "–" if self.low is None or self.high is None else f"{self.low:.3f} to {self.high:.3f}"


Totals = NDArray[np.float64]
#: What the average of all labels is called.
MACRO = "macro average"


def score_labels(
    counts: Mapping[str, Mapping[str, Counts]], resamples: int = 1000, seed: int = 0
) -> tuple[list[Score], Score]:
    """Score each label, and the macro average of those that are gold or given anywhere.

    In a resample a label that is neither says nothing, and is left out of its interval and of the macro average.

    Args:
        counts: by document, then by label; a document may lack a label.
        resamples: bootstrap resamples (Efron 1979); documents are drawn, since sentences of one document are alike.
        seed: of the resampling.

    Returns:
        One score a label, in order of first appearance, and the macro average.
    """
    labels = list(dict.fromkeys(label for row in counts.values() for label in row))
    table = np.array(
        [[row.get(label, Counts(0, 0, 0)) for label in labels] for row in counts.values()], dtype=np.float64
    ).reshape(len(counts), len(labels), 3)
    draws = np.random.default_rng(seed).multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=resamples)
    drawn = np.einsum("rd,dlc->rlc", draws, table)
    occurs, resampled = drawn.any(axis=-1), f1(drawn)
    totals, given = table.sum(axis=0), np.count_nonzero(table.any(axis=-1), axis=0)
    scores = [
        _score(label, totals[number], _interval(resampled[occurs[:, number], number], int(given[number])))
        for number, label in enumerate(labels)
    ]
    occurring = [score for score in scores if score.occurs]
    low, high = _interval(macro_f1(drawn)[occurs.any(axis=1)], int(np.count_nonzero(table.any(axis=(1, 2)))))
    macro = Score(
        label=MACRO,
        precision=_mean([score.precision for score in occurring]),
        recall=_mean([score.recall for score in occurring]),
        f1=_mean([score.f1 for score in occurring]),
        low=low,
        high=high,
        support=sum(score.support for score in scores),
        given=sum(score.given for score in scores),
    )
    return scores, macro


def count_labels(gold: Sequence[set[str]], found: Sequence[set[str]], labels: Sequence[str]) -> dict[str, Counts]:
    """Counts of each label over the sentences of one document."""
    pairs = list(zip(gold, found, strict=True))
    return {
        label: Counts(
            sum(label in expected and label in given for expected, given in pairs),
            sum(label not in expected and label in given for expected, given in pairs),
            sum(label in expected and label not in given for expected, given in pairs),
        )
        for label in labels
    }


def count_mentions(gold: Sequence[Span], undecided: Sequence[Span], found: Sequence[Span]) -> Counts:
    """Counts of mentions, one to one, where two match if they overlap; those on undecided spans do not count."""
    matched = match_spans(gold, found)
    free = [other for number, other in enumerate(found) if number not in matched.values()]
    alarms = [other for other in free if not any(_overlap(other, span) > 0 for span in undecided)]
    return Counts(len(matched), len(alarms), len(gold) - len(matched))


def match_spans(first: Sequence[Span], second: Sequence[Span]) -> dict[int, int]:
    """Which spans match, one to one, by their numbers: those at the same place, then those that overlap most.

    Between two that overlap as much, the place decides, so that nothing depends on the order of the spans.
    """
    pairs = [
        (one, other) for one, span in enumerate(first) for other, mate in enumerate(second) if _overlap(span, mate) > 0
    ]

    def rank(pair: tuple[int, int]) -> tuple[bool, int, tuple[int, int], tuple[int, int]]:
        span, mate = first[pair[0]], second[pair[1]]
        places = (span.start, span.end), (mate.start, mate.end)
        return places[0] != places[1], -_overlap(span, mate), *places

    matched: dict[int, int] = {}
    for one, other in sorted(pairs, key=rank):
        if one not in matched and other not in matched.values():
            matched[one] = other
    return matched


def _overlap(one: Span, other: Span) -> int:
    """How many characters two spans share; none where it is not above 0."""
    return min(one.end, other.end) - max(one.start, other.start)


def f1(totals: Totals) -> Totals:
    """F1 of counts (..., 3); 0 where there is nothing to find and nothing found."""
    hits = 2 * totals[..., 0]
    result: Totals = hits / np.maximum(hits + totals[..., 1] + totals[..., 2], 1)
    return result


def macro_f1(totals: Totals) -> Totals:
    """The mean F1 of counts (..., L, 3) over the labels that are gold or given; 0 where none is."""
    result: Totals = f1(totals).sum(axis=-1) / np.maximum(totals.any(axis=-1).sum(axis=-1), 1)
    return result


def _score(label: str, totals: Totals, interval: tuple[float, float] | tuple[None, None]) -> Score:
    hits, alarms, misses = totals.tolist()
    low, high = interval
    return Score(
        label=label,
        precision=hits / max(hits + alarms, 1),
        recall=hits / max(hits + misses, 1),
        f1=float(f1(totals)),
        low=low,
        high=high,
        support=int(hits + misses),
        given=int(hits + alarms),
    )


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0


def _interval(values: Totals, documents: int) -> tuple[float, float] | tuple[None, None]:
    """The middle 95 % of ``values``; None where the label is in fewer than two ``documents``."""
    if documents < 2:
        return None, None
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
