"""Two models compared on the same held-out sentences."""

from datetime import datetime
from typing import Literal

from model.codebook import Schema

#: Changes whenever the figures would be others.
FORMAT = 2
#: From which probability on a difference is one that chance makes.
LEVEL = 0.05
Kind = Literal["frame", "mention", "stance"]
TITLES: dict[Kind, str] = {"frame": "Frames", "mention": "Actor mentions", "stance": "Stances"}


class Side(Schema):
    """One of the models; ``sentences_per_second`` is the median of its rounds.

    ``calibration`` holds each frame's expected calibration error, ``brier`` its Brier score, both with the mean of all;
    ``stance_brier`` is that of the stances toward the annotated mentions, None where there are none.
    """

    name: str
    model: str
    digest: str
    size: int
    calibration: dict[str, float]
    brier: dict[str, float]
    stance_brier: float | None
    sentences_per_second: float


class LabelDifference(Schema):
    """One label: F1 of both, B's less A's with its 95 % interval, and the two tests, corrected by Holm.

    ``only_a`` counts the decisions that only A has right. ``support`` is how often the label is annotated.
    """

    kind: Kind
    label: str
    support: int
    f1_a: float
    f1_b: float
    difference: float
    low: float
    high: float
    p: float
    p_corrected: float
    only_a: int
    only_b: int
    mcnemar: float
    mcnemar_corrected: float

    @property
    def is_worse(self) -> bool:
        """Whether B is significantly worse by either test."""
        return (self.difference < 0 and self.p_corrected < LEVEL) or (
            self.only_a > self.only_b and self.mcnemar_corrected < LEVEL
        )

    @property
    def is_better(self) -> bool:
        """Whether B is significantly better by either test, and by neither worse."""
        better = (self.difference > 0 and self.p_corrected < LEVEL) or (
            self.only_b > self.only_a and self.mcnemar_corrected < LEVEL
        )
        return better and not self.is_worse


class MacroDifference(Schema):
    """The macro average of one kind of labels, which is not tested.

    Of each model it is over the labels that are annotated or that it gives.
    """

    kind: Kind
    f1_a: float
    f1_b: float
    difference: float
    low: float
    high: float


class Known(Schema):
    """A sentence that one of the models has seen: it was trained on its document, or chosen by it."""

    id: str
    document: str
    model: str
    part: str


class Comparison(Schema):
    """A is the model that there is, B the candidate.

    ``data`` holds the SHA-256 of every file, ``known`` the sentences that a model has seen; they are left out unless
    ``known_kept``. ``lineage_unknown`` names the models that may have seen more than is on record. ``faster`` is how
    many times as many sentences B labels in the same time, the median of ``rounds``. ``dropped`` are labels that only A
    gives, ``added`` those that only B gives.
    """

    format: int = FORMAT
    made: datetime
    a: Side
    b: Side
    data: dict[str, str]
    sentences: int
    documents: int
    known: tuple[Known, ...]
    known_kept: bool
    lineage_unknown: tuple[str, ...]
    labels: tuple[LabelDifference, ...]
    macros: tuple[MacroDifference, ...]
    dropped: tuple[str, ...]
    added: tuple[str, ...]
    faster: float
    rounds: int

    @property
    def tests(self) -> int:
        """How many tests were made."""
        return 2 * len(self.labels)

    @property
    def worse(self) -> list[LabelDifference]:
        """The labels on which B is significantly worse."""
        return [label for label in self.labels if label.is_worse]

    @property
    def findings(self) -> tuple[str, ...]:
        """What speaks against B, one line a reason; none if nothing does."""
        lost = [f"{name}: {self.b.name} no longer has this label" for name in self.dropped]
        return (*(describe_difference(label) for label in self.worse), *lost)


def describe_difference(label: LabelDifference) -> str:
    """A label's difference in words."""
    return (
        f"{label.label}: F1 {label.f1_a:.3f} before, {label.f1_b:.3f} after ({label.difference:+.3f}, 95 % interval "
        f"{label.low:+.3f} to {label.high:+.3f}, p {label.p_corrected:.2g}); {label.only_a} decisions right before "
        f"only, {label.only_b} after only (McNemar, p {label.mcnemar_corrected:.2g}); n={label.support}"
    )
