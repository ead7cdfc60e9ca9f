"""Where a model fails on a set of sentences: its worst mistakes, confusions, calibration and weak groups."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from model.annotation import ActorSpan, Annotation
from model.codebook import Frame, Stance
from model.labeller import Labeller
from model.prediction import ActorStance
from training.calibration_error import Bin
from training.error_groups import Group, Grouping, group_everything, group_sentences
from training.evaluation import Labelled, count_frames, frame_bins, frame_probability, judged_stances, present_frames
from training.measures import Counts

#: Mistakes shown of each kind.
SHOWN = 25


class FrameMistake(NamedTuple):
    """A sentence that was wrongly given a frame, or not given it; ``given`` are all frames it was given."""

    annotation: Annotation
    given: tuple[str, ...]
    probability: float


class FrameErrors(NamedTuple):
    """One frame's mistakes, the worst first, and its calibration; ``counts`` counts the mistakes not shown, too.

    Without a ``threshold`` the likeliest frame of a sentence is given, or none.
    """

    frame: Frame
    threshold: float | None
    counts: Counts
    false_alarms: tuple[FrameMistake, ...]
    misses: tuple[FrameMistake, ...]
    bins: tuple[Bin, ...]


class StanceMistake(NamedTuple):
    """A mention that was given another stance than ``mention.stance``."""

    annotation: Annotation
    mention: ActorSpan
    given: ActorStance

    @property
    def confidence(self) -> float:
        """The probability of the wrong stance."""
        return self.given.confidence


class StanceErrors(NamedTuple):
    """The mentions annotated with one stance: how often each stance was given, and the worst mistakes.

    ``given`` counts by stance id, under None the mentions that were not judged.
    """

    stance: Stance
    given: dict[str | None, int]
    mistakes: tuple[StanceMistake, ...]

    @property
    def support(self) -> int:
        """How many mentions are annotated so."""
        return sum(self.given.values())

    @property
    def wrong(self) -> int:
        """How many of them were given another stance."""
        return self.support - self.given.get(self.stance.id, 0) - self.given.get(None, 0)


class ErrorReport(NamedTuple):
    """All of it, for one set of sentences."""

    data: str
    model: str
    frames: tuple[FrameErrors, ...]
    stances: tuple[StanceErrors, ...]
    total: Group
    groupings: tuple[Grouping, ...]


def report_errors(labeller: Labeller, rows: Sequence[Labelled], genres: dict[str, str], data: str) -> ErrorReport:
    """Collect where a model fails.

    Args:
        labeller: the model that labelled the sentences.
        rows: the labelled sentences.
        genres: by document, as far as they are known.
        data: what the sentences are, to be shown.
    """
    codebook = labeller.codebook
    thresholds = labeller.config.thresholds.frames if codebook.frames_per_sentence == "any" else {}
    counts = count_frames(codebook, rows)
    return ErrorReport(
        data=data,
        model=f"{labeller.config.name} {labeller.config.version}",
        frames=tuple(
            _frame_errors(frame, thresholds.get(frame.id), counts[frame.id], rows) for frame in codebook.frames
        ),
        stances=tuple(_stance_errors(stance, rows) for stance in codebook.stances),
        total=group_everything(codebook, rows),
        groupings=group_sentences(codebook, rows, genres),
    )


def _frame_errors(frame: Frame, threshold: float | None, counts: Counts, rows: Sequence[Labelled]) -> FrameErrors:
    alarms, misses = [], []
    for row in rows:
        given = present_frames(row.found)
        mistake = FrameMistake(row.annotation, tuple(sorted(given)), frame_probability(row.found, frame.id))
        if frame.id in given and frame.id not in row.annotation.frames:
            alarms.append(mistake)
        if frame.id not in given and frame.id in row.annotation.frames:
            misses.append(mistake)
    return FrameErrors(
        frame=frame,
        threshold=threshold,
        counts=counts,
        false_alarms=tuple(sorted(alarms, key=lambda mistake: -mistake.probability)[:SHOWN]),
        misses=tuple(sorted(misses, key=lambda mistake: mistake.probability)[:SHOWN]),
        bins=frame_bins(rows, frame.id),
    )


def _stance_errors(stance: Stance, rows: Sequence[Labelled]) -> StanceErrors:
    given: Counter[str | None] = Counter()
    mistakes = []
    for row in rows:
        spans = [span for span in row.annotation.actors if span.stance == stance.id]
        for span, actor in zip(spans, judged_stances(spans, row.judged), strict=True):
            given[None if actor is None else actor.stance] += 1
            if actor is not None and actor.stance != stance.id:
                mistakes.append(StanceMistake(row.annotation, span, actor))
    worst = sorted(mistakes, key=lambda mistake: -mistake.confidence)[:SHOWN]
    return StanceErrors(stance, dict(given), tuple(worst))
