"""The engine of several machines: Ray Data hands the shards to workers, each with a model of its own."""

import json
import logging
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread, current_thread, main_thread
from typing import Any, NamedTuple

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nobody is told about our users' runs
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # else Ray warns that this will be its default
os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # else its core writes to the terminal
os.environ.setdefault("RAY_DATA_DISABLE_PROGRESS_BARS", "1")

import ray
from ray.data import ActorPoolStrategy
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from model.checkpoint import Checkpoint
from model.cores import cores
from model.errors import FramelineError
from service.archive.counts import Counts
from service.archive.engine import Job, Report
from service.archive.errors import ArchiveError, StoppedError
from service.archive.ray_board import Board, News
from service.archive.ray_worker import RayJob, RayScorer, clear_node
from service.archive.shard import Shard

#: Workers that may die on one shard before the run stops.
_DEATHS = 3
#: Seconds between two looks at the board.
_LOOK_UP = 1.0
#: Pieces into which the list of shards is cut at most, each of which a worker does as a whole.
_PIECES = 4_000
#: Bytes of a local cluster's object store: only names and counts go through it.
_OBJECT_STORE = 100 << 20

#: Of a cluster of our own: workers are as nice as this process, and none is started that waits for other work.
_OWN_CLUSTER = {"worker_niceness": 0, "prestart_worker_first_driver": False}


class Resources(NamedTuple):
    """How many workers there are, and how many GPUs each of them takes."""

    workers: int
    gpus: int


class RayEngine:
    """Scores on a Ray cluster, by default on one of this machine that lasts as long as the run.

    Workers read their inputs and write their parts by themselves; only names and counts come here. Ray replaces a
    worker that dies and its shard is done again; three deaths on the same shard stop the run. In a process that is
    connected to a cluster already, that cluster is used.

    Args:
        workers: how many processes; by default one for each CPU of the cluster, or GPU if the model is for one.
        address: the cluster's, as ``ray.init`` takes it.
    """

    name = "ray"

    def __init__(self, workers: int | None = None, address: str | None = None) -> None:
        self._workers = workers
        self._address = address

    def run(self, job: Job, shards: Iterable[Shard], report: Report) -> None:
        """Have every shard scored.

        Raises:
            ArchiveError: there is no cluster at the address, or one of its machines cannot score this run.
            StoppedError: workers died three times on the same shard, or the cluster is gone.
        """
        left = list(shards)
        if left:
            with _quiet(), _cluster(self._address, self._workers):
                precision = Checkpoint.open(Path(job.plan.options.model)).config.precision
                resources = share_out(ray.cluster_resources(), self._workers, on_gpu=precision != "int8")
                _Run(job, left, resources, report).finish()


def share_out(total: dict[str, float], workers: int | None, *, on_gpu: bool) -> Resources:
    """How many workers a cluster gets.

    Args:
        total: what the cluster has, as Ray says it.
        workers: how many are asked for, None for as many as fit.
        on_gpu: the model runs on GPUs where there are some.
    """
    gpus = int(total.get("GPU", 0)) if on_gpu else 0
    fitting = gpus or int(total.get("CPU", 0)) or 1
    return Resources(fitting if workers is None else workers, 1 if gpus else 0)


class _Run:
    """A run on the cluster to which this process is connected."""

    def __init__(self, job: Job, shards: Sequence[Shard], resources: Resources, report: Report) -> None:
        self._shards = shards
        self._resources = resources
        self._job = RayJob(job.plan.model_dump(mode="json"), job.url, str(Path.cwd()))
        self._report = report
        make_board: Any = ray.remote(num_cpus=0, max_restarts=-1)(Board)
        self._board = make_board.remote()
        self._asked = self._board.take.remote()
        self._messages: SimpleQueue[dict[str, Any] | Exception | None] = SimpleQueue()
        self._ended = Event()
        self._started = 0
        self._begun: dict[int, int] = {}
        self._done: set[int] = set()
        self._looked = time.monotonic()

    def finish(self) -> None:
        """Have the shards scored, and tidy up the machines."""
        Thread(target=self._read, daemon=True).start()
        try:
            self._collect()
        finally:
            self._ended.set()
        _clear(self._job)

    def _collect(self) -> None:
        """Pass on what the workers say until all shards are done."""
        while (message := self._next()) is not None:
            if isinstance(message, Exception):
                raise StoppedError(
                    f"Ray gave up ({_last_line(message)}). What is finished is kept; the same command goes on"
                ) from message
            if "fault" in message:
                raise (StoppedError if message["stopped"] else FramelineError)(message["fault"])
            if message["shard"] not in self._done:
                self._done.add(message["shard"])
                self._report(message["shard"], Counts.from_dict(message["counts"]), done=True)
        if missing := [shard.number for shard in self._shards if shard.number not in self._done]:
            raise RuntimeError(f"Ray returned without the shards {missing[:10]}")

    def _next(self) -> dict[str, Any] | Exception | None:
        """The next message of a worker; meanwhile, what stands on the board is passed on."""
        while True:
            if time.monotonic() - self._looked >= _LOOK_UP:
                self._look()
            with suppress(Empty):
                return self._messages.get(timeout=_LOOK_UP)

    def _look(self) -> None:
        """Pass on what stands on the board, if it can be reached.

        Raises:
            StoppedError: workers died too often.
        """
        self._looked = time.monotonic()
        with suppress(RayError):  # the board is gone; Ray puts up another one, with nothing on it
            if ray.wait([self._asked], timeout=0)[0]:
                asked, self._asked = self._asked, self._board.take.remote()
                self._note(ray.get(asked))
        if self._started > (_DEATHS + 1) * self._resources.workers and not self._begun:
            raise StoppedError(
                "workers die while they load the model, perhaps for want of memory: fewer --workers need less. The "
                "same command tries again"
            )
        for shard in self._shards:
            if self._begun.get(shard.number, 0) > _DEATHS and shard.number not in self._done:
                raise StoppedError(
                    f"shard {shard.number} ({shard.inputs}): {_DEATHS} workers died on it, perhaps for want of memory: "
                    "fewer --workers need less. What is finished is kept; the same command tries again"
                )

    def _note(self, news: News) -> None:
        self._started += news.started
        for number in news.begun:
            self._begun[number] = self._begun.get(number, 0) + 1
            if self._begun[number] > 1 and number not in self._done:
                self._report(number, Counts(), done=False)
        for number in news.counts.keys() - self._done:
            self._report(number, Counts.from_dict(news.counts[number]), done=False)

    def _read(self) -> None:
        """Have Ray Data work and put what the workers say on the queue, at last None."""
        try:
            shards, resources = self._shards, self._resources
            rows = ray.data.from_items(
                [{"shard": shard.model_dump_json(exclude_defaults=True)} for shard in shards],
                override_num_blocks=min(len(shards), _PIECES),
            ).map_batches(
                RayScorer,
                batch_size=1,
                batch_format="numpy",
                compute=ActorPoolStrategy(size=min(resources.workers, len(shards)), max_tasks_in_flight_per_actor=2),
                fn_constructor_args=(self._job, self._board),
                num_cpus=1,
                num_gpus=resources.gpus,
            )
            for row in rows.iter_rows():
                self._messages.put(json.loads(row["message"]))
                if self._ended.is_set():
                    break
            self._messages.put(None)
        except Exception as error:  # raised again where the run is
            self._messages.put(error)


def _clear(job: RayJob) -> None:
    """Remove what the workers kept on their machines; a machine that is gone took it along."""
    clear = ray.remote(num_cpus=0, max_retries=0)(clear_node)
    nodes = [node["NodeID"] for node in ray.nodes() if node["Alive"]]
    tasks = [
        clear.options(scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False)).remote(job)
        for node in nodes
    ]
    with suppress(RayError):
        ray.wait(tasks, num_returns=len(tasks), timeout=10)


@contextmanager
def _cluster(address: str | None, workers: int | None) -> Iterator[None]:
    """A connection to a cluster while the block lasts.

    Raises:
        ArchiveError: there is none at the address.
    """
    if ray.is_initialized():
        yield
        return
    handler = signal.getsignal(signal.SIGTERM)
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.CRITICAL}
    if address is None:
        with _silent():
            ray.init(
                address="local",
                num_cpus=cores() if workers is None else workers,
                object_store_memory=_OBJECT_STORE,
                include_dashboard=False,
                _system_config=_OWN_CLUSTER,
                **quiet,
            )
    else:
        try:
            with _silent():
                ray.init(address=address, **quiet)
        except (ConnectionError, OSError, ValueError, RuntimeError) as error:
            raise ArchiveError(
                f"--ray-address {address}: no Ray cluster can be reached there ({_last_line(error)}); `ray status` on "
                "its head node says whether it runs. If it wants a token, set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN "
                "here, too"
            ) from None
    if current_thread() is main_thread():
        signal.signal(signal.SIGTERM, handler)  # which Ray has replaced
    try:
        yield
    finally:
        ray.shutdown()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps what Ray says off the terminal; it stands in Ray's own files."""
    names = ("ray", "ray.data")
    before = [logging.getLogger(name).level for name in names]
    context = ray.data.DataContext.get_current()
    bars = context.enable_progress_bars
    context.enable_progress_bars = False
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        context.enable_progress_bars = bars
        for name, level in zip(names, before, strict=True):
            logging.getLogger(name).setLevel(level)


@contextmanager
def _silent() -> Iterator[None]:
    """Keeps off the terminal what no level of logging can: the core's first line, which it writes to the descriptor."""
    sys.stderr.flush()
    before = os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    try:
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)
        os.close(nothing)


def _last_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[-1].strip() if lines else type(error).__name__
