"""What another model would change in a scored archive."""

from model.codebook import Schema

#: Examples of each flip.
SHOWN = 5


class Flip(Schema):
    """A decision that changes: from ``before`` to ``after`` (a frame: given or not, else the mention's stances)."""

    sentence_id: str
    document: str
    text: str
    before: str
    after: str
    probability: float


class Change(Schema):
    """A frame, or a stance: its share before and after in the sample, and the 95 % interval of the difference.

    ``archive`` is its share before in the whole archive, None where that was not counted. ``gained`` and ``lost``
    count the decisions that change.
    """

    label: str
    archive: float | None
    before: float
    after: float
    low: float
    high: float
    gained: int
    lost: int
    examples: tuple[Flip, ...]


class ArchiveChange(Schema):
    """What changes in an archive; ``sample`` of its ``sentences`` were labelled again, with ``mentions`` in them."""

    folder: str
    scored_by: str
    sentences: int
    sample: int
    mentions: int
    frames: tuple[Change, ...]
    stances: tuple[Change, ...]
    missing: tuple[str, ...]
