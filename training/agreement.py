"""Agreement between two annotation passes."""

from collections.abc import Sequence

import krippendorff
import numpy as np

from model.annotation import ActorSpan, Annotation
from model.codebook import Codebook, Schema
from model.errors import FramelineError


class Agreement(Schema):
    """Krippendorff's alpha (nominal) and F1 of one pass against the other, over ``units`` sentences or mentions."""

    label: str
    alpha: float | None
    f1: float
    units: int
    first: int
    second: int


def agreement(first: Sequence[Annotation], second: Sequence[Annotation], codebook: Codebook) -> list[Agreement]:
    """Agreement for each frame, for actor mentions and for stance.

    A mention's stance is compared where both passes marked overlapping spans. Mentions have no alpha, as there
    is no count of the spans that both passes left unmarked.

    Raises:
        FramelineError: the passes have no sentence in common.
    """
    others = {annotation.id: annotation for annotation in second}
    pairs = [(annotation, others[annotation.id]) for annotation in first if annotation.id in others]
    if not pairs:
        raise FramelineError("the two passes have no sentence in common")
    rows = [_frame(frame, pairs) for frame in codebook.frame_ids]
    matched = [match for one, other in pairs for match in _match(one.actors, other.actors)]
    marked = sum(len(one.actors) for one, _ in pairs), sum(len(other.actors) for _, other in pairs)
    mention_f1 = 2 * len(matched) / max(sum(marked), 1)
    rows.append(
        Agreement(
            label="actor mentions",
            alpha=None,
            f1=mention_f1,
            units=len(pairs),
            first=marked[0],
            second=marked[1],
        )
    )
    stances = list(codebook.stance_ids)
    coded = [[stances.index(pair[side].stance) for pair in matched] for side in (0, 1)]
    macro = float(
        np.mean([_f1(np.array(coded[0]) == code, np.array(coded[1]) == code) for code in range(len(stances))])
    )
    rows.append(
        Agreement(
            label="stance",
            alpha=_alpha(coded),
            f1=macro,
            units=len(matched),
            first=len(matched),
            second=len(matched),
        )
    )
    return rows


def _frame(frame: str, pairs: Sequence[tuple[Annotation, Annotation]]) -> Agreement:
    coded = [[int(frame in pair[side].frames) for pair in pairs] for side in (0, 1)]
    one, other = np.array(coded[0], dtype=bool), np.array(coded[1], dtype=bool)
    return Agreement(
        label=frame,
        alpha=_alpha(coded),
        f1=_f1(one, other),
        units=len(pairs),
        first=int(one.sum()),
        second=int(other.sum()),
    )


def _match(one: Sequence[ActorSpan], other: Sequence[ActorSpan]) -> list[tuple[ActorSpan, ActorSpan]]:
    free = list(other)
    pairs = []
    for span in one:
        match = next((actor for actor in free if actor.start < span.end and span.start < actor.end), None)
        if match is not None:
            free.remove(match)
            pairs.append((span, match))
    return pairs


def _alpha(coded: list[list[int]]) -> float:
    """Krippendorff's alpha, 1 where the passes used one value only and so could not differ."""
    if len({value for row in coded for value in row}) < 2:
        return 1.0
    return float(krippendorff.alpha(reliability_data=coded, level_of_measurement="nominal"))


def _f1(one: np.ndarray, other: np.ndarray) -> float:
    total = int(one.sum() + other.sum())
    return 2 * int((one & other).sum()) / total if total else 1.0
