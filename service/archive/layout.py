"""The columns of the two tables of a scored archive: sentences, and stances toward the actors in them."""

from collections.abc import Mapping, Sequence
from typing import Self

import pyarrow as pa

from model.codebook import TABLE_COLUMNS
from service.archive.plan import Plan

#: Arrow's types for those of the columns that pass through.
_TYPES: Mapping[str, pa.DataType] = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "string": pa.string(),
    "null": pa.string(),
}


class Layout:
    """Names and types of the columns of both tables.

    Args:
        frames: ids of the frames, in the codebook's order.
        stances: ids of the stances, likewise.
        columns: names of the columns that pass through, with their types as a survey calls them.
        keep_text: whether the sentences' table has their text.
    """

    def __init__(
        self, frames: Sequence[str], stances: Sequence[str], columns: Mapping[str, str], keep_text: bool
    ) -> None:
        #: Ids of frames and stances.
        self.frame_ids, self.stance_ids = tuple(frames), tuple(stances)
        self.keep_text = keep_text
        own = [pa.field("sentence_id", pa.string(), False), pa.field("document", pa.string(), False)]
        labels = [
            field
            for frame in frames
            for field in (pa.field(frame, pa.bool_(), False), pa.field(f"{frame}_probability", pa.float64(), False))
        ]
        taken = {*TABLE_COLUMNS, *(field.name for field in labels)}
        #: The name that each column which passes through has in the table.
        self.names = _free_names(columns, taken)
        self.types = {name: _TYPES[kind] for name, kind in columns.items()}
        self.sentences = pa.schema(
            [
                *own,
                pa.field("position", pa.int32(), False),
                pa.field("start", pa.int64(), False),
                pa.field("end", pa.int64(), False),
                *([pa.field("text", pa.string(), False)] if keep_text else []),
                *labels,
                *(pa.field(self.names[name], kind) for name, kind in self.types.items()),
            ]
        )
        self.stances = pa.schema(
            [
                *own,
                pa.field("mention", pa.string(), False),
                pa.field("start", pa.int64(), False),
                pa.field("end", pa.int64(), False),
                pa.field("actor", pa.string()),
                pa.field("stance", pa.string(), False),
                *(pa.field(f"{stance}_probability", pa.float64(), False) for stance in stances),
            ]
        )

    @classmethod
    def of(cls, plan: Plan) -> Self:
        """That of a run's tables."""
        return cls(
            [frame.id for frame in plan.model.frames],
            [stance.id for stance in plan.model.stances],
            plan.columns,
            plan.options.keep_text,
        )


def _free_names(columns: Mapping[str, str], taken: set[str]) -> dict[str, str]:
    """A name for each column that is none of those ``taken``: its own, or that behind ``source_``."""
    taken = set(taken)
    names = {}
    for column in sorted(columns, key=lambda name: (name in taken, name)):
        name = column
        while name in taken:
            name = f"source_{name}"
        taken.add(name)
        names[column] = name
    return names
