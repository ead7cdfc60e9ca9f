"""What an engine is: whatever gets a run's shards scored."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, Protocol

from service.archive.counts import Counts
from service.archive.plan import Plan
from service.archive.shard import Shard


class Job(NamedTuple):
    """A run, as its engine sees it.

    ``url`` is the folder of its tables, ``scratch`` one of this machine for files that need not be kept.
    """

    plan: Plan
    url: str
    scratch: Path


class Report(Protocol):
    """Is told how far a shard is: its counts since it was begun (or begun again), and whether it is done."""

    def __call__(self, shard: int, counts: Counts, *, done: bool) -> None:
        """Take note."""


class Engine(Protocol):
    """Gets shards scored; `service.archive.scorer.score_shard` is what scores one, wherever that is."""

    #: As the manifest calls it.
    name: str

    def run(self, job: Job, shards: Iterable[Shard], report: Report) -> None:
        """Have every shard scored, each at least once; shards are taken as they are needed.

        Raises:
            FramelineError: the run cannot go on; what is done stays.
        """
