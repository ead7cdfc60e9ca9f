"""Comparing two models: both label the same sentences, and every label is tested."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from model.annotation import Annotation, Span
from model.codebook import Codebook
from model.labeller import Labeller
from training.calibration_error import expected_calibration_error
from training.comparison import FORMAT, Comparison, Kind, LabelDifference, MacroDifference, Side
from training.contender import Contender
from training.evaluation import (
    Labelled,
    count_annotated_stances,
    count_frames,
    count_marked,
    frame_bins,
    frame_probability,
    judged_stances,
    label,
    present_frames,
)
from training.held_out import HeldOut
from training.marking import actors_marked
from training.measures import MACRO, Counts, Totals, macro_f1
from training.significance import Difference, compare_decisions, compare_f1, holm
from training.speed import measure_speed

Rows = list[Labelled]
MENTION = "actor mention"
#: Passes over the sentences, two by each model; `compare` tells its ``advance`` of every sentence in each.
PASSES = 4


class Compared(NamedTuple):
    """The figures, and the sentences as A and as B labels them."""

    comparison: Comparison
    a: Rows
    b: Rows


class _Label(NamedTuple):
    """One label as both models gave it: counts by document, (D, 3), and which decisions each has right."""

    kind: Kind
    name: str
    a: list[Counts]
    b: list[Counts]
    right_a: list[bool]
    right_b: list[bool]


def comparison_key(a: Contender, b: Contender, held_out: HeldOut, *, keep_known: bool) -> str:
    """What names a comparison: the same models on the same sentences have the same one."""
    left_out = [] if keep_known else sorted({one.id for one in held_out.known})
    content = [FORMAT, a.digest, b.digest, sorted(held_out.data.values()), keep_known, left_out]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def compare(
    a: Contender, b: Contender, held_out: HeldOut, *, keep_known: bool = False, advance: Callable[[], None]
) -> Compared:
    """Let two models label the same sentences and compare what they say.

    Args:
        a: the model that there is.
        b: the candidate.
        held_out: the sentences.
        keep_known: whether sentences that a model has seen are among them.
        advance: is told of every sentence, `PASSES` times.

    Raises:
        CheckpointError: a model cannot be loaded.
    """
    before, after = (Labeller.from_checkpoint(one.folder, held_out.codebook) for one in (a, b))
    try:
        rows_a = _label(before, held_out.sentences, advance)
        rows_b = _label(after, held_out.sentences, advance)
        speed = measure_speed(before, after, [one.text for one in held_out.sentences])
        tested = list(_labels(before.codebook, after.codebook, rows_a, rows_b))
        labels, macros = _test(tested)
        comparison = Comparison(
            made=datetime.now(UTC).replace(microsecond=0),
            a=_side(a, before, rows_a, speed.a),
            b=_side(b, after, rows_b, speed.b),
            data=held_out.data,
            sentences=len(rows_a),
            documents=len({one.document for one in held_out.sentences}),
            known=held_out.known,
            known_kept=keep_known and bool(held_out.known),
            lineage_unknown=held_out.lineage_unknown,
            labels=labels,
            macros=macros,
            dropped=_only(before.codebook, after.codebook),
            added=_only(after.codebook, before.codebook),
            faster=speed.faster,
            rounds=speed.rounds,
        )
    finally:
        before.close()
        after.close()
    return Compared(comparison, rows_a, rows_b)


def _label(labeller: Labeller, sentences: Sequence[Annotation], advance: Callable[[], None]) -> Rows:
    def texts(judge: bool) -> Iterator[tuple[str, Sequence[Span] | None]]:
        for one in sentences:
            yield one.text, one.actors if judge else None
            advance()

    found, judged = label(labeller, texts(False)), label(labeller, texts(True))
    return [Labelled(*row) for row in zip(sentences, found, judged, actors_marked(sentences), strict=True)]


def _only(ours: Codebook, theirs: Codebook) -> tuple[str, ...]:
    """The labels that only ``ours`` has, each with its kind where a frame and a stance of it have one id."""
    kinds = (("frame", ours.frame_ids, theirs.frame_ids), ("stance", ours.stance_ids, theirs.stance_ids))
    twice = {*ours.frame_ids} & {*ours.stance_ids}
    return tuple(
        f"{name} ({kind})" if name in twice else name for kind, own, other in kinds for name in own if name not in other
    )


def _common(a: Iterable[str], b: Iterable[str]) -> list[str]:
    known = set(a)
    return [name for name in b if name in known]


def _labels(before: Codebook, after: Codebook, a: Rows, b: Rows) -> Iterator[_Label]:
    """Every label that both models give, and that is annotated or given at all."""
    by_document: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(a):
        by_document[row.annotation.document].append(number)
    groups = list(by_document.values())

    def counts(rows: Rows, count: Callable[[Rows], Counts]) -> list[Counts]:
        return [count([rows[number] for number in group]) for group in groups]

    def make(kind: Kind, name: str, count: Callable[[Rows], Counts], right: Callable[[Rows], list[bool]]) -> _Label:
        return _Label(kind, name, counts(a, count), counts(b, count), right(a), right(b))

    def frame(name: str) -> _Label:
        return make("frame", name, lambda rows: count_frames(after, rows)[name], lambda rows: _frame_right(rows, name))

    def stance(name: str) -> _Label:
        count = count_annotated_stances
        return make("stance", name, lambda rows: count(after, rows)[name], lambda rows: _stance_right(rows, name))

    made = [
        *map(frame, _common(before.frame_ids, after.frame_ids)),
        make("mention", MENTION, count_marked, _mentions_right),
        *map(stance, _common(before.stance_ids, after.stance_ids)),
    ]
    return (one for one in made if any(any(counts) for counts in (*one.a, *one.b)))


def _frame_right(rows: Rows, name: str) -> list[bool]:
    """Of each sentence, whether the frame was rightly given or not given."""
    return [(name in present_frames(row.found)) == (name in row.annotation.frames) for row in rows]


def _mentions_right(rows: Rows) -> list[bool]:
    """Of each sentence in which actors are marked, whether all of its mentions were found and nothing else."""
    each = [count_marked([row]) for row in rows if row.marked]
    return [(counts.false_alarms, counts.misses) == (0, 0) for counts in each]


def _stance_right(rows: Rows, name: str) -> list[bool]:
    """Of each annotated mention, whether the stance was rightly given or not given."""
    return [(given == name) == (gold == name) for row in rows for gold, given in _stances(row)]


def _stances(row: Labelled) -> list[tuple[str, str | None]]:
    """The annotated and the given stance of each annotated mention."""
    judged = judged_stances(row.annotation.actors, row.judged)
    return [
        (actor.stance, None if given is None else given.stance)
        for actor, given in zip(row.annotation.actors, judged, strict=True)
    ]


def _test(labels: Sequence[_Label]) -> tuple[tuple[LabelDifference, ...], tuple[MacroDifference, ...]]:
    differences: list[Difference] = []
    macros = []
    for kind in dict.fromkeys(one.kind for one in labels):
        same = [one for one in labels if one.kind == kind]
        a, b = _table([one.a for one in same]), _table([one.b for one in same])
        each, macro = compare_f1(a, b)
        differences += each
        if len(each) > 1:
            scores = [float(macro_f1(table.sum(axis=0))) for table in (a, b)]
            macros.append(
                MacroDifference(
                    kind=kind,
                    f1_a=scores[0],
                    f1_b=scores[1],
                    difference=macro.value,
                    low=macro.low,
                    high=macro.high,
                )
            )
    decisions = [compare_decisions(np.array(one.right_a), np.array(one.right_b)) for one in labels]
    corrected = holm([*(one.p for one in differences), *(p for _, _, p in decisions)])
    rows = zip(labels, differences, decisions, corrected[: len(labels)], corrected[len(labels) :], strict=True)
    return tuple(_difference(*row) for row in rows), tuple(macros)


def _table(labels: Sequence[list[Counts]]) -> Totals:
    """Counts of L labels in D documents, (D, L, 3)."""
    return np.array(labels, dtype=np.float64).transpose(1, 0, 2)


def _difference(
    one: _Label, difference: Difference, decisions: tuple[int, int, float], p: float, mcnemar: float
) -> LabelDifference:
    before, after = (Counts(*(sum(column) for column in zip(*side, strict=True))) for side in (one.a, one.b))
    return LabelDifference(
        kind=one.kind,
        label=one.name,
        support=before.support,
        f1_a=before.f1,
        f1_b=after.f1,
        difference=difference.value,
        low=difference.low,
        high=difference.high,
        p=difference.p,
        p_corrected=p,
        only_a=decisions[0],
        only_b=decisions[1],
        mcnemar=decisions[2],
        mcnemar_corrected=mcnemar,
    )


def _side(contender: Contender, labeller: Labeller, rows: Rows, speed: float) -> Side:
    frames = labeller.codebook.frame_ids
    return Side(
        name=contender.name,
        model=f"{labeller.config.name} {labeller.config.version}",
        digest=contender.digest,
        size=contender.size,
        calibration=_with_mean({name: expected_calibration_error(frame_bins(rows, name)) for name in frames}),
        brier=_with_mean({name: _brier(rows, name) for name in frames}),
        stance_brier=_stance_brier(rows),
        sentences_per_second=speed,
    )


def _with_mean(values: dict[str, float]) -> dict[str, float]:
    return {**values, MACRO: sum(values.values()) / len(values)}


def _brier(rows: Rows, frame: str) -> float:
    """The mean squared distance of a frame's probability from what is annotated (Brier 1950)."""
    errors = [(frame_probability(row.found, frame) - (frame in row.annotation.frames)) ** 2 for row in rows]
    return sum(errors) / len(errors)


def _stance_brier(rows: Rows) -> float | None:
    """The same of the stances, summed over them, toward the annotated mentions."""
    errors = []
    for row in rows:
        given = judged_stances(row.annotation.actors, row.judged)
        for actor, stance in zip(row.annotation.actors, given, strict=True):
            if stance is not None:
                errors.append(sum((p - (name == actor.stance)) ** 2 for name, p in stance.probabilities.items()))
    return sum(errors) / len(errors) if errors else None
