"""Agreement between annotators: Krippendorff's alpha and F1 with bootstrap intervals."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import krippendorff
import numpy as np
from numpy.typing import NDArray

from model.annotation import ActorSpan, Annotation
from model.codebook import Codebook, Schema
from model.errors import FramelineError
from training.measures import MACRO, Counts, Score, count_labels, count_mentions, match_spans, score_labels
from training.raters import Ratings, shared

MENTIONS = "actor mentions"
STANCE = "stance"
_RESAMPLES = 1000


class Agreement(Schema):
    """Agreement on one label: Krippendorff's alpha (nominal) and F1 of one rater against the other.

    Each with a 95 % interval, None where fewer than two documents say how documents differ; None where there is nothing
    to measure. ``units`` counts sentences or mentions, ``first``
    and ``second`` how often each of two raters gave the label. Of all raters together there is alpha alone.
    """

    label: str
    raters: tuple[str, ...]
    alpha: float | None
    alpha_low: float | None = None
    alpha_high: float | None = None
    f1: float | None
    f1_low: float | None = None
    f1_high: float | None = None
    units: int
    first: int | None = None
    second: int | None = None


class _Unit(NamedTuple):
    """What raters said of one sentence or mention: codes of a nominal variable."""

    document: str
    codes: tuple[int, ...]


def agreements(ratings: Ratings, codebook: Codebook) -> list[Agreement]:
    """Agreement of every two raters who share sentences, and of all together where there are more than two."""
    rows = []
    for first, second in combinations(ratings, 2):
        if ratings[first].keys() & ratings[second].keys():
            rows += agreement([*ratings[first].values()], [*ratings[second].values()], codebook, (first, second))
    return rows + (_together(ratings, codebook) if len(ratings) > 2 else [])


def agreement(
    first: Sequence[Annotation],
    second: Sequence[Annotation],
    codebook: Codebook,
    raters: tuple[str, str] = ("first", "second"),
) -> list[Agreement]:
    """Agreement of two raters for each frame, for actor mentions, and for each stance and all of them.

    A mention's stance is compared where both raters marked overlapping spans. Mentions have no alpha, as there
    is no count of the spans that both left unmarked. Intervals are those of a bootstrap over documents.

    Raises:
        FramelineError: the raters have no sentence in common.
    """
    others = {annotation.id: annotation for annotation in second}
    pairs = [(annotation, others[annotation.id]) for annotation in first if annotation.id in others]
    if not pairs:
        raise FramelineError(f"{raters[0]} and {raters[1]} have no sentence in common")
    rows = [_frame(frame, pairs, codebook, raters) for frame in codebook.frame_ids]
    return [*rows, _mentions(pairs, raters), *_stances(pairs, codebook, raters)]


def writer_agreements(ratings: Ratings, writers: Mapping[str, str], codebook: Codebook) -> list[Agreement]:
    """Agreement of two raters where neither wrote the text, and where one did; nothing where nobody did.

    Args:
        ratings: what two raters say; each annotation says who labelled it.
        writers: of documents, the name that the writer has as an annotator.
        codebook: the labels that there are.
    """
    written, others = [], []
    for one, other in (rows.values() for rows in shared(ratings).values()):
        writer = writers.get(one.document)
        if writer not in (one.annotator, other.annotator):
            others.append((one, other))
        else:
            written.append((one, other) if one.annotator == writer else (other, one))
    parts = {("annotator", "other annotator"): others, ("writer", "annotator"): written}
    return [
        row
        for raters, pairs in parts.items()
        if written and pairs
        for row in agreement([one for one, _ in pairs], [other for _, other in pairs], codebook, raters)
    ]


def _frame(
    frame: str, pairs: Sequence[tuple[Annotation, Annotation]], codebook: Codebook, raters: tuple[str, str]
) -> Agreement:
    units = [_Unit(one.document, tuple(int(frame in side.frames) for side in (one, other))) for one, other in pairs]
    counts = _count(pairs, lambda group: count_labels(*_sets(group, lambda one: {*one.frames}), [frame]))
    (score,), _ = score_labels(counts, _RESAMPLES)
    given = [sum(unit.codes[side] for unit in units) for side in (0, 1)]
    return _row(frame, raters, units, score, given)


def _mentions(pairs: Sequence[tuple[Annotation, Annotation]], raters: tuple[str, str]) -> Agreement:
    def count(group: Sequence[tuple[Annotation, Annotation]]) -> dict[str, Counts]:
        found = [count_mentions(one.actors, (), other.actors) for one, other in group]
        return {MENTIONS: Counts(*map(sum, zip(*found, strict=True)))}

    (score,), _ = score_labels(_count(pairs, count), _RESAMPLES)
    given = [sum(len(pair[side].actors) for pair in pairs) for side in (0, 1)]
    row = _row(MENTIONS, raters, [], score, given)
    return row.model_copy(update={"units": len(pairs)})


def _stances(
    pairs: Sequence[tuple[Annotation, Annotation]], codebook: Codebook, raters: tuple[str, str]
) -> list[Agreement]:
    """One row a stance and one for all of them, whose F1 is the mean over the stances that occur."""
    matched = [(one.document, match) for one, other in pairs for match in _match(one.actors, other.actors)]
    codes = {stance: code for code, stance in enumerate(codebook.stance_ids)}
    units = [_Unit(document, (codes[one.stance], codes[other.stance])) for document, (one, other) in matched]
    occurring = [stance for stance in codes if any(codes[stance] in unit.codes for unit in units)]
    if not units:
        return [Agreement(label=STANCE, raters=raters, alpha=None, f1=None, units=0, first=0, second=0)]
    counts: dict[str, dict[str, Counts]] = {}
    for document in dict.fromkeys(unit.document for unit in units):
        here = [match for name, match in matched if name == document]
        counts[document] = count_labels([{one.stance} for one, _ in here], [{o.stance} for _, o in here], occurring)
    scores, macro = score_labels(counts, _RESAMPLES)
    rows = []
    for score in scores:
        binary = [_Unit(unit.document, tuple(int(c == codes[score.label]) for c in unit.codes)) for unit in units]
        given = [sum(unit.codes[side] for unit in binary) for side in (0, 1)]
        rows.append(_row(f"{STANCE}: {score.label}", raters, binary, score, given))
    return [*rows, _row(STANCE, raters, units, macro, [len(units), len(units)])]


def _together(ratings: Ratings, codebook: Codebook) -> list[Agreement]:
    """Alpha of all raters together, for each frame and for stance."""
    sentences = shared(ratings)
    rows = []
    for frame in codebook.frame_ids:
        units = [
            _Unit(next(iter(rows_.values())).document, tuple(int(frame in one.frames) for one in rows_.values()))
            for rows_ in sentences.values()
        ]
        rows.append(_row(frame, tuple(ratings), units, None, None))
    codes = {stance: code for code, stance in enumerate(codebook.stance_ids)}
    units = [
        _Unit(next(iter(rows_.values())).document, tuple(codes[actor.stance] for actor in group))
        for rows_ in sentences.values()
        for group in _groups([one.actors for one in rows_.values()])
        if len(group) > 1
    ]
    return [*rows, _row(STANCE, tuple(ratings), units, None, None)]


def _row(
    label: str, raters: tuple[str, ...], units: Sequence[_Unit], score: Score | None, given: Sequence[int] | None
) -> Agreement:
    alpha = _alpha(units) if units else (None, None, None)
    found = score is not None and given is not None and sum(given) > 0
    return Agreement(
        label=STANCE if label == MACRO else label,
        raters=raters,
        **dict(zip(("alpha", "alpha_low", "alpha_high"), alpha, strict=True)),
        **{name: getattr(score, of) if found else None for name, of in _SCORES.items()},
        units=len(units),
        first=None if given is None else given[0],
        second=None if given is None else given[1],
    )


_SCORES = {"f1": "f1", "f1_low": "low", "f1_high": "high"}


def _count(
    pairs: Sequence[tuple[Annotation, Annotation]],
    count: Callable[[Sequence[tuple[Annotation, Annotation]]], dict[str, Counts]],
) -> dict[str, dict[str, Counts]]:
    """Counts by document."""
    grouped: dict[str, list[tuple[Annotation, Annotation]]] = {}
    for pair in pairs:
        grouped.setdefault(pair[0].document, []).append(pair)
    return {document: count(group) for document, group in grouped.items()}


def _sets(
    group: Iterable[tuple[Annotation, Annotation]], labels: Callable[[Annotation], set[str]]
) -> tuple[list[set[str]], list[set[str]]]:
    group = list(group)
    return [labels(one) for one, _ in group], [labels(other) for _, other in group]


def _match(one: Sequence[ActorSpan], other: Sequence[ActorSpan]) -> list[tuple[ActorSpan, ActorSpan]]:
    return [(group[0], group[1]) for group in _groups([one, other]) if len(group) == 2]


def _groups(sides: Sequence[Sequence[ActorSpan]]) -> list[list[ActorSpan]]:
    """Spans of different raters that match the first one of their group; at most one of each rater in a group."""
    groups: list[list[ActorSpan]] = []
    for side in sides:
        spans = sorted(side, key=lambda span: (span.start, span.end))
        matched = match_spans([group[0] for group in groups], spans)
        for group, number in matched.items():
            groups[group].append(spans[number])
        groups += [[span] for number, span in enumerate(spans) if number not in matched.values()]
    return groups


def _alpha(units: Sequence[_Unit]) -> tuple[float, float | None, float | None]:
    """Krippendorff's alpha with its interval; 1 where one value only was used and so nobody could differ.

    Such a resample says nothing, and is left out of the interval; there is none for one value or one document.
    """
    domain = max(code for unit in units for code in unit.codes) + 1
    table = np.array([np.bincount(unit.codes, minlength=domain) for unit in units])
    several = bool(np.count_nonzero(table.sum(axis=0)) > 1)
    alpha = float(krippendorff.alpha(value_counts=table, level_of_measurement="nominal")) if several else 1.0
    names = {document: number for number, document in enumerate(dict.fromkeys(unit.document for unit in units))}
    if len(names) < 2 or not several:
        return alpha, None, None
    coincidences = np.zeros((len(names), domain, domain))
    np.add.at(coincidences, [names[unit.document] for unit in units], _coincidences(table))
    draws = np.random.default_rng(0).multinomial(len(names), np.full(len(names), 1 / len(names)), size=_RESAMPLES)
    low, high = np.quantile(_alphas(np.einsum("rd,dvw->rvw", draws, coincidences)), [0.025, 0.975])
    return alpha, float(low), float(high)


def _coincidences(table: NDArray[np.int64]) -> NDArray[np.float64]:
    """(units, values, values) from (units, values): how often two ratings of a unit are these, by ratings less one."""
    pairs = table[:, :, None] * table[:, None, :] - table[:, :, None] * np.eye(table.shape[1])
    result: NDArray[np.float64] = pairs / (table.sum(axis=1) - 1)[:, None, None]
    return result


def _alphas(coincidences: NDArray[np.float64]) -> NDArray[np.float64]:
    """Alpha of many matrices of coincidences at once, (resamples, values, values): the library has but one a call.

    Those with one value only are left out.
    """
    values = coincidences.sum(axis=2)
    several = np.count_nonzero(values, axis=1) > 1
    coincidences, values = coincidences[several], values[several]
    total = values.sum(axis=1)
    observed = total - np.trace(coincidences, axis1=1, axis2=2)
    expected = (total**2 - (values**2).sum(axis=1)) / (total - 1)
    result: NDArray[np.float64] = 1 - observed / expected
    return result
