"""How far a run is."""

import time
from collections import deque
from collections.abc import Callable
from typing import Literal, NamedTuple

from service.archive.counts import Counts
from service.archive.plan import Plan
from service.archive.portion import Portion

#: Seconds between two reports, and those over which speed is measured.
_EVERY, _OVER = 1.0, 60.0


class Progress(NamedTuple):
    """How far a run is.

    ``documents`` are labelled and ``rejected`` set aside, of ``documents_total`` records; ``saved`` sentences repeat
    others; ``share`` runs from 0 to 1. In a trial the totals are those of the trial, and in its last event, ``paused``,
    those of the whole run.
    """

    event: Literal["planning", "planned", "progress", "paused", "finished", "failed"]
    documents: int = 0
    documents_total: int = 0
    sentences: int = 0
    rejected: int = 0
    saved: int = 0
    shards: int = 0
    shards_total: int = 0
    share: float = 0.0
    documents_per_second: float = 0.0
    sentences_per_second: float = 0.0
    seconds_left: float | None = None
    message: str | None = None


OnProgress = Callable[[Progress], None]


class _Moment(NamedTuple):
    """Counts of a moment."""

    time: float
    records: int
    documents: int
    sentences: int


class Tracker:
    """Adds up what the shards of a run report, and says about once a second how far the run is.

    Args:
        plan: the run.
        portion: what is to be scored of it.
        before: counts of what was done before, faulty inputs included.
        shards_before: how many shards those are.
        on_progress: who is told.
    """

    def __init__(
        self, plan: Plan, portion: Portion, before: Counts, shards_before: int, on_progress: OnProgress
    ) -> None:
        self._plan = plan
        self._portion = portion
        self._done = before
        self._shards_done = shards_before
        self._begun: dict[int, Counts] = {}
        self._on_progress = on_progress
        self._moments: deque[_Moment] = deque()
        self._note(time.monotonic())
        self._begin = self._moments[0]

    def __call__(self, shard: int, counts: Counts, *, done: bool) -> None:
        """Take the counts of a shard since it was begun (again)."""
        if done:
            self._begun.pop(shard, None)
            self._done = self._done.plus(counts)
            self._shards_done += 1
        else:
            self._begun[shard] = counts
        now = time.monotonic()
        if now - self._moments[-1].time >= _EVERY:
            self._note(now)
            self.tell("progress")

    @property
    def counts(self) -> Counts:
        """Of all shards, those that are begun included."""
        total = self._done
        for counts in self._begun.values():
            total = total.plus(counts)
        return total

    def tell(self, event: Literal["planned", "progress", "paused", "finished"]) -> Progress:
        """Say how far the run is; speed is that of the last minute, at the end that of the whole time."""
        ends = event in ("paused", "finished")
        counts, whole = self.counts, self._plan if event == "paused" else self._portion
        total, records = whole.records, counts.records - self._plan.faults
        if ends:
            self._note(time.monotonic())
        first, last = self._begin if ends else self._moments[0], self._moments[-1]
        seconds = last.time - first.time
        left: float | None = None
        if seconds and last.records > first.records:
            left = (total - records) * seconds / (last.records - first.records)
        progress = Progress(
            event=event,
            documents=counts.documents,
            documents_total=total,
            sentences=counts.sentences,
            rejected=counts.rejected,
            saved=counts.saved,
            shards=self._shards_done,
            shards_total=whole.shards,
            share=records / total if total else 1.0,
            documents_per_second=(last.documents - first.documents) / seconds if seconds else 0.0,
            sentences_per_second=(last.sentences - first.sentences) / seconds if seconds else 0.0,
            seconds_left=left,
        )
        self._on_progress(progress)
        return progress

    def _note(self, now: float) -> None:
        counts = self.counts
        self._moments.append(_Moment(now, counts.records, counts.documents, counts.sentences))
        while now - self._moments[0].time > _OVER:
            self._moments.popleft()
