"""Accuracy against coverage: how good the labels are that remain when the unsure ones are left out.

The risk-coverage curve of selective classification (Geifman and El-Yaniv 2017, Selective Classification for Deep
Neural Networks), with the probability of the label given as its confidence.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from model.codebook import Codebook, Schema
from model.labeller import Labeller
from model.prediction import Document
from training.evaluation import judged_stances, label
from training.examples import Example
from training.measures import count_labels, score_labels

#: The least confidences for which a row is shown; 0 keeps everything.
LEVELS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


class Kept(Schema):
    """Of the decisions of one kind: the share that is kept and, where any is, their accuracy."""

    share: float
    accuracy: float | None


class Level(Schema):
    """What is kept at one least confidence; None stands for labels that the data does not have.

    ``stance_macro_f1`` is over the stances that are annotated or given among what is kept.
    """

    min_confidence: float
    frames: Kept | None
    stances: Kept | None
    stance_macro_f1: float | None


class Coverage(Schema):
    """Accuracy against coverage on one set of sentences."""

    data: str
    coverage: tuple[Level, ...]


def show_coverage(
    console: Console, labeller: Labeller, sets: Iterable[tuple[str, Sequence[Example]]]
) -> list[Coverage]:
    """Measure and print a table for each set of sentences, given with its name."""
    tables = []
    for data, examples in sets:
        tables.append(measure_coverage(labeller, examples, data))
        console.print(_table(tables[-1]))
    return tables


def measure_coverage(labeller: Labeller, examples: Sequence[Example], data: str) -> Coverage:
    """Measure what is kept, and how much of it is right, at each of `LEVELS`.

    A frame decision is one of one frame in one sentence, there or not; stances are those toward the annotated
    mentions. Both count where the data says what is right.
    """
    texts = [(one.text, [span for span, _ in one.stances]) for one in examples]
    frames: list[_Decision] = []
    stances: list[_Decision] = []
    for example, document in zip(examples, label(labeller, texts), strict=True):
        frames += _frame_decisions(example, document)
        stances += _stance_decisions(example, document)
    return Coverage(data=data, coverage=tuple(_level(level, frames, stances, labeller.codebook) for level in LEVELS))


class _Decision(NamedTuple):
    """A label that was given, how sure the model was of it, and the right one."""

    confidence: float
    gold: str
    found: str


def _frame_decisions(example: Example, document: Document) -> list[_Decision]:
    if example.frames is None:
        return []
    return [
        _Decision(score.confidence, str(score.frame in example.frames), str(score.present))
        for sentence in document.sentences
        for score in sentence.frames
    ]


def _stance_decisions(example: Example, document: Document) -> list[_Decision]:
    judged = judged_stances((span for span, _ in example.stances), document)
    return [
        _Decision(0.0, stance, "") if actor is None else _Decision(actor.confidence, stance, actor.stance)
        for (_, stance), actor in zip(example.stances, judged, strict=True)
        if stance is not None
    ]


def _level(level: float, frames: list[_Decision], stances: list[_Decision], codebook: Codebook) -> Level:
    kept = [decision for decision in stances if decision.confidence >= level]
    counts = count_labels(
        [{decision.gold} for decision in kept], [{decision.found} for decision in kept], codebook.stance_ids
    )
    return Level(
        min_confidence=level,
        frames=_kept(level, frames),
        stances=_kept(level, stances),
        stance_macro_f1=score_labels({"all": counts}, resamples=1)[1].f1 if kept else None,
    )


def _kept(level: float, decisions: list[_Decision]) -> Kept | None:
    if not decisions:
        return None
    kept = [decision.gold == decision.found for decision in decisions if decision.confidence >= level]
    return Kept(share=len(kept) / len(decisions), accuracy=sum(kept) / len(kept) if kept else None)


def _table(coverage: Coverage) -> Table:
    table = Table(title=f"Coverage, {escape(coverage.data)}", title_justify="left", title_style="bold")
    table.add_column("Min confidence", justify="right")
    for heading in ("Frames kept", "Accuracy", "Stances kept", "Accuracy", "Macro F1"):
        table.add_column(heading, justify="right")
    for level in coverage.coverage:
        table.add_row(
            f"{level.min_confidence:g}" if level.min_confidence else "all",
            *_cells(level.frames),
            *_cells(level.stances),
            _number(level.stance_macro_f1),
        )
    return table


def _cells(kept: Kept | None) -> tuple[str, str]:
    return ("–", "–") if kept is None else (f"{kept.share:.1%}", _number(kept.accuracy))


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
