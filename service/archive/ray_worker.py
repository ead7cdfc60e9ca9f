"""What scores shards in a process of a Ray cluster, on whatever machine that is."""

import json
import os
import platform
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from filelock import FileLock

from model.checkpoint import DEFAULT
from model.errors import FramelineError
from service.archive.counts import Counts
from service.archive.errors import ArchiveError, DiskError, StoppedError
from service.archive.folder import FULL, Folder, open_folder
from service.archive.identity import ModelIdentity
from service.archive.options import ScoreOptions
from service.archive.plan import Plan
from service.archive.scorer import score_shard
from service.archive.scratch import temporary_folder
from service.archive.shard import Shard, finished_counts
from service.archive.store import STORE, LabelStore
from service.archive.worker import open_labeller

#: How often a shard is tried by one worker when it fails for a reason that may pass, as a network that is away.
_TRIES = 3
#: Seconds between two reports about a shard.
_EVERY = 1.0


class RayJob(NamedTuple):
    """A run, as the workers see it; paths are relative to ``directory``. All of it can be sent over the network."""

    plan: dict[str, Any]
    url: str
    directory: str


class RayScorer:
    """Scores shards; it is made once in each worker process and holds the model.

    Args:
        job: the run.
        board: the actor of a `service.archive.ray_board.Board`.
    """

    def __init__(self, job: RayJob, board: Any) -> None:
        self._board = board
        self._error: FramelineError | None = None
        board.start.remote()
        pa.set_cpu_count(1)
        with suppress(OSError):  # where there is no such folder, all has to be at URLs, and the check below says so
            os.chdir(job.directory)
        try:
            self._open(job)
        except FramelineError as error:
            self._error = type(error)(f"on {platform.node()}: {error}") if type(error) is ArchiveError else error

    def __call__(self, batch: Mapping[str, Any]) -> dict[str, list[str]]:
        """Score the shards of a batch, each of which is JSON; gives one message, JSON too, for each."""
        return {"message": [json.dumps(self._answer(Shard.model_validate_json(line))) for line in batch["shard"]]}

    def _open(self, job: RayJob) -> None:
        self._plan = Plan.model_validate(job.plan)
        self._folder = open_folder(job.url)
        _check_version(self._plan)
        _check_folder(self._folder, self._plan)
        self._labeller = open_labeller(_check_model(self._plan))
        scratch = scratch_of(job.url, self._plan)
        scratch.mkdir(parents=True, exist_ok=True)
        with FileLock(scratch / "prepare.lock"):
            LabelStore.prepare(scratch / STORE)
        self._store = LabelStore(scratch / STORE)

    def _answer(self, shard: Shard) -> dict[str, object]:
        try:
            if self._error is not None:
                raise self._error
            return {"shard": shard.number, "counts": self._score(shard).as_dict()}
        except FramelineError as error:
            return {"shard": shard.number, "fault": str(error), "stopped": isinstance(error, StoppedError)}

    def _score(self, shard: Shard) -> Counts:
        """Score a shard, unless that was done by a worker which died before it could say so."""
        counts = finished_counts(self._folder, shard)
        tries = 0
        while counts is None:
            self._board.begin.remote(shard.number)
            try:
                counts = score_shard(
                    shard, self._plan, self._labeller, self._store, self._folder, _Reporter(self._board, shard)
                )
            except FramelineError:
                raise
            except Exception as error:
                if isinstance(error, OSError) and error.errno in FULL:
                    raise DiskError(self._folder.url, str(error.strerror)) from None
                tries += 1
                if tries == _TRIES:
                    raise StoppedError(
                        f"shard {shard.number} ({shard.inputs}) failed {tries} times on {platform.node()}, the last "
                        f"time with {type(error).__name__}: {error}. What is finished is kept; the same command tries "
                        "again"
                    ) from error
        return counts


class _Reporter:
    """Tells the board, now and then, how far a shard is."""

    def __init__(self, board: Any, shard: Shard) -> None:
        self._board = board
        self._shard = shard
        self._next = time.monotonic() + _EVERY

    def __call__(self, counts: Counts) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _EVERY
            self._board.tell.remote(self._shard.number, counts.as_dict())


def scratch_of(url: str, plan: Plan) -> Path:
    """The folder of this machine in which the workers of a run keep the sentences that they know."""
    return temporary_folder(f"{url} {plan.started} {plan.inputs_digest}")


def clear_node(job: RayJob) -> None:
    """Remove what the workers of a run kept on this machine."""
    shutil.rmtree(scratch_of(job.url, Plan.model_validate(job.plan)), ignore_errors=True)


def _check_version(plan: Plan) -> None:
    here = version("frameline")
    if here != plan.frameline:
        raise ArchiveError(
            f"Frameline {here} is installed, but the run was planned by {plan.frameline}; install the same version on "
            "all machines"
        )


def _check_folder(folder: Folder, plan: Plan) -> None:
    """Check that this machine sees the folder of the run, and not one of its own that has the same name."""
    seen = Plan.read(folder)
    if seen is None or (seen.started, seen.inputs_digest) != (plan.started, plan.inputs_digest):
        raise ArchiveError(
            f"{folder.url} is not the folder of the run; inputs and --out have to be on a disk that all machines "
            "share, or at URLs such as s3://"
        )


def _check_model(plan: Plan) -> ScoreOptions:
    """The options with the model as this machine has it."""
    options = plan.options
    if not Path(options.model).is_dir():
        options = options.model_copy(update={"model": str(DEFAULT)})
    found = ModelIdentity.open(options.model, options.codebook)
    if found.fingerprint != plan.model.fingerprint:
        raise ArchiveError(
            f"{plan.options.model}: no such checkpoint there, or another one; put the same checkpoint and codebook at "
            "the same path on all machines, or on a disk that they share"
        )
    return options
