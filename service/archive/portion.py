"""The portion of a run that is to be scored now: all of it, or the shards with its first records, for a trial."""

from collections.abc import Collection
from typing import NamedTuple, Self

from service.archive.folder import Folder
from service.archive.plan import Plan, planned_shards


class Portion(NamedTuple):
    """The shards before the one of the number ``end``, and those behind it that are done already.

    ``records`` and ``shards`` are how many these are, in all.
    """

    end: int
    records: int
    shards: int

    @classmethod
    def of(cls, plan: Plan, folder: Folder, done: Collection[int], limit: int | None) -> Self:
        """The whole plan, or as many of its shards as hold the first ``limit`` records.

        Args:
            plan: the run.
            folder: where its plan is.
            done: the numbers of the shards that are done.
            limit: how many records; None for all.
        """
        if limit is None or limit >= plan.records:
            return cls(plan.shards, plan.records, plan.shards)
        begin = end = records = shards = 0
        for shard in planned_shards(folder):
            if begin < limit:
                end = shard.number + 1
            begin += shard.records
            if shard.number < end or shard.number in done:
                records += shard.records
                shards += 1
        return cls(end, records, shards)
