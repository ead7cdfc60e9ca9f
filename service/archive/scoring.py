"""Scoring an archive from its files to its tables."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial, reduce
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from model.errors import FramelineError
from service.archive.article import Input
from service.archive.checking import check_run, check_version
from service.archive.counts import Counts
from service.archive.engine import Engine, Job
from service.archive.errors import ArchiveError, DiskError
from service.archive.folder import FULL, TEMPORARY, Folder, open_folder
from service.archive.identity import ModelIdentity
from service.archive.inputs import find_inputs
from service.archive.local import LocalEngine
from service.archive.manifest import MANIFEST, Manifest, write_manifest
from service.archive.options import ScoreOptions
from service.archive.plan import INPUTS, PLAN, SHARDS, ListedInput, Plan, Run, listed_inputs, planned_shards
from service.archive.planning import Read, make_plan
from service.archive.portion import Portion
from service.archive.progress import OnProgress, Progress, Tracker
from service.archive.rejected import join_rejected
from service.archive.scratch import LOCK, clear_scratch, clear_store, hold_scratch
from service.archive.shard import finished_shards

#: What a run needs only until it is finished.
_WORKING = (PLAN, INPUTS, SHARDS, "rejected", "done")
#: What a run may leave that ended before it had a plan.
_EARLY = (INPUTS, SHARDS, LOCK)


class Outcome(NamedTuple):
    """What came of a run.

    ``fresh`` is False where it was finished before; ``paused`` says how far the whole run is where only a trial was
    asked for, and is None where it is finished.
    """

    counts: Counts
    fresh: bool
    paused: Progress | None = None


def score(
    patterns: Sequence[str],
    out: str | Path,
    options: ScoreOptions | None = None,
    *,
    engine: Engine | None = None,
    limit: int | None = None,
    on_progress: OnProgress | None = None,
) -> Outcome:
    """Label an archive, and write its tables of sentences and stances.

    A run that was interrupted goes on where it was when it is called again, as does a trial that is called again
    without its limit; a run that is finished is left as it is.

    Args:
        patterns: files, folders, globs, or URLs that fsspec opens.
        out: the folder of the tables, a path or a URL that fsspec writes to.
        options: what the tables depend on.
        engine: what scores; by default a process for each core.
        limit: for a trial: stop after so many records at the begin, those that are set aside included. A run that was
            begun without a limit stops behind the shard that holds the last of them.
        on_progress: is told about once a second how far the run is.

    Raises:
        ArchiveError: there is nothing to read, or ``out`` holds another run, or something else.
        StoppedError: the run had to stop, for instance because the disk is full; it can go on.
        FramelineError: an input or the model cannot be used.
    """
    last = Progress("planning", message="looking for inputs")

    def tell(progress: Progress) -> None:
        nonlocal last
        last = progress
        if on_progress is not None:
            on_progress(progress)

    tell(last)
    try:
        return _score(patterns, str(out), options or ScoreOptions(), engine or LocalEngine(), limit, tell)
    except (FramelineError, OSError) as error:
        tell(last._replace(event="failed", message=str(error)))
        raise
    except KeyboardInterrupt:
        tell(last._replace(event="failed", message="interrupted; the same command goes on"))
        raise


def _score(
    patterns: Sequence[str], out: str, options: ScoreOptions, engine: Engine, limit: int | None, tell: OnProgress
) -> Outcome:
    inputs = find_inputs(patterns, out)
    model = ModelIdentity.open(options.model, options.codebook, options.version)
    folder = open_folder(out)
    _check_folder(folder)
    with hold_scratch(folder) as scratch:
        try:
            return _Scoring(inputs, options, model, folder, engine, limit, tell).run(scratch)
        except OSError as error:
            if error.errno not in FULL:
                raise
            raise DiskError(folder.url, str(error.strerror)) from None


class _Scoring:
    """A run from its inputs to its manifest."""

    def __init__(
        self,
        inputs: Sequence[Input],
        options: ScoreOptions,
        model: ModelIdentity,
        folder: Folder,
        engine: Engine,
        limit: int | None,
        tell: OnProgress,
    ) -> None:
        self._inputs = inputs
        self._options = options
        self._model = model
        self._folder = folder
        self._engine = engine
        self._limit = limit
        self._tell = tell

    def run(self, scratch: Path) -> Outcome:
        """Do what is left to do."""
        manifest = Manifest.read(self._folder)
        if manifest is not None:
            self._check(manifest.run, manifest.inputs)
            self._clear(scratch)
            return Outcome(manifest.counts, fresh=False)
        self._folder.sweep()
        plan, stamps = self._plan(scratch)
        done = dict(finished_shards(self._folder))
        before = reduce(Counts.plus, done.values(), Counts(fault=plan.faults))
        portion = Portion.of(plan, self._folder, done, self._limit)
        tracker = Tracker(plan, portion, before, len(done), self._tell)
        tracker.tell("planned")
        first = islice(planned_shards(self._folder), portion.end)
        left = (shard.stamped(stamps) for shard in first if shard.number not in done)
        self._engine.run(Job(plan, self._folder.url, scratch), left, tracker)
        self._folder.sweep()  # what workers that were killed left
        join_rejected(self._folder)
        if portion.shards < plan.shards:
            return Outcome(tracker.counts, fresh=True, paused=tracker.tell("paused"))
        write_manifest(plan, tracker.counts, self._engine.name, self._folder)
        self._clear(scratch)
        tracker.tell("finished")
        return Outcome(tracker.counts, fresh=True)

    def _plan(self, scratch: Path) -> tuple[Plan, dict[str, str]]:
        """The plan of a run that goes on, or else a new one; and the stamps of the inputs, by their URLs."""
        plan = Plan.read(self._folder)
        if plan is None:
            clear_store(scratch)  # of a run to the same URL whose folder was removed, perhaps with another model
            return make_plan(self._inputs, self._options, self._model, self._folder, self._on_read, self._limit)
        check_version(plan, self._folder.url)
        stamps = self._check(plan, partial(listed_inputs, self._folder))
        return plan.model_copy(update={"options": self._options}), stamps

    def _check(self, run: Run, listed: Callable[[], Iterable[ListedInput]]) -> dict[str, str]:
        return check_run(
            run, listed, self._inputs, self._options, self._model, self._folder.url, on_compare=self._on_compare
        )

    def _on_compare(self, url: str) -> None:
        self._tell(Progress("planning", message=f"{url} has another time than before; comparing its content"))

    def _on_read(self, read: Read) -> None:
        of = f" of {read.total / 1e6:,.1f}" if read.total > read.size else ""
        done = f"{read.inputs:,} of {len(self._inputs):,}, {read.size / 1e6:,.1f}{of} MB"
        self._tell(Progress("planning", message=f"looking through the inputs: {done}"))

    def _clear(self, scratch: Path) -> None:
        """Remove what a finished run no longer needs; the plan goes last, so that a folder half cleared is known."""
        for name in reversed(_WORKING):
            self._folder.remove(name)
        clear_scratch(scratch)


def _check_folder(folder: Folder) -> None:
    """Check that a folder holds a run, or nothing but what one leaves there that ended before it had a plan.

    Raises:
        ArchiveError: it holds something else.
    """
    names = folder.names()
    if PLAN in names or MANIFEST in names:
        return
    others = [name for name in names if name not in _EARLY and not name.endswith(TEMPORARY)]
    if others:
        raise ArchiveError(
            f"{folder.url}: is not empty ({', '.join(others[:3])}) and holds no run; give --out a new folder"
        )
