"""A shard: the part of an archive that is read, labelled and written together, and can be done again on its own."""

import json
from collections.abc import Iterator, Mapping
from typing import Self

from model.codebook import Schema
from service.archive.article import Extent
from service.archive.counts import Counts
from service.archive.folder import Folder

_DONE = "done"


class Shard(Schema):
    """Extents, mostly one; small files stand together in one shard."""

    number: int
    extents: tuple[Extent, ...]

    @property
    def sentences(self) -> str:
        """The file of its sentences."""
        return f"sentences/part-{self.number:06d}.parquet"

    @property
    def stances(self) -> str:
        """The file of the stances in them."""
        return f"stances/part-{self.number:06d}.parquet"

    @property
    def rejected(self) -> str:
        """The file of the records that were set aside."""
        return f"rejected/part-{self.number:06d}.jsonl"

    @property
    def marker(self) -> str:
        """The file that says that all others of the shard are complete; it holds the counts."""
        return f"{_DONE}/{self.number:06d}.json"

    @property
    def records(self) -> int:
        """How many records it has."""
        return sum(extent.count for extent in self.extents)

    def stamped(self, stamps: Mapping[str, str]) -> Self:
        """The same, of inputs that have those stamps, by their URLs."""
        extents = (one.model_copy(update={"stamp": stamps[one.input.url]}) for one in self.extents)
        return self.model_copy(update={"extents": tuple(extents)})

    @property
    def inputs(self) -> str:
        """The names of its inputs, for a message."""
        names = list(dict.fromkeys(extent.input.url for extent in self.extents))
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        return ", ".join(names[:3]) + more


def finished_shards(folder: Folder) -> Iterator[tuple[int, Counts]]:
    """The shards that are done, each by its number, with its counts."""
    for name in folder.names(_DONE):
        number, _, suffix = name.partition(".")
        content = folder.read(f"{_DONE}/{name}") if number.isdecimal() and suffix == "json" else None
        if content is not None:
            yield int(number), Counts.from_dict(json.loads(content))


def finished_counts(folder: Folder, shard: Shard) -> Counts | None:
    """The counts of a shard that is done; None of one that is not."""
    content = folder.read(shard.marker)
    return None if content is None else Counts.from_dict(json.loads(content))
