"""The engine of one machine: a process for each core, each with a model of its own."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from typing import IO, Any, NamedTuple, Self

from model.cores import cores
from model.errors import FramelineError
from service.archive.counts import Counts
from service.archive.engine import Job, Report
from service.archive.errors import StoppedError
from service.archive.shard import Shard
from service.archive.store import STORE, LabelStore

#: Processes that may die on one shard before the run stops.
_DEATHS = 3
#: Seconds after which the parent looks up, so that Ctrl-C is noticed on every system.
_LOOK_UP = 1.0


class LocalEngine:
    """Scores on this machine.

    A worker that dies is replaced and its shard done again; three deaths on the same shard stop the run. Workers end
    with this process, however it ends.

    Args:
        workers: how many processes; by default one a core.
    """

    name = "local"

    def __init__(self, workers: int | None = None) -> None:
        self._workers = cores() if workers is None else workers

    def run(self, job: Job, shards: Iterable[Shard], report: Report) -> None:
        """Have every shard scored.

        Raises:
            FramelineError: a worker could not go on, or died three times on the same shard.
        """
        LabelStore.prepare(job.scratch / STORE)
        with _Team(job, iter(shards), report) as team:
            for _ in range(self._workers):
                team.employ()
            while team.is_busy:
                team.attend()


class _Message(NamedTuple):
    """What a worker says; None when it has ended."""

    worker: "_Worker"
    content: dict[str, Any] | None


class _Team:
    """The workers of a run, and the shards that they are at."""

    def __init__(self, job: Job, shards: Iterator[Shard], report: Report) -> None:
        self._job = job
        self._shards = shards
        self._report = report
        self._messages: SimpleQueue[_Message] = SimpleQueue()
        self._workers: set[_Worker] = set()
        self._deaths: dict[int, int] = {}

    @property
    def is_busy(self) -> bool:
        """Whether any worker is at work."""
        return bool(self._workers)

    def employ(self, shard: Shard | None = None) -> None:
        """Start a worker on a shard, by default the next one; none is started where there is no work."""
        shard = next(self._shards, None) if shard is None else shard
        if shard is not None:
            worker = _Worker(self._job, self._messages)
            self._workers.add(worker)
            worker.begin(shard)

    def attend(self) -> None:
        """Wait for a message, and do what it asks for."""
        try:
            worker, content = self._messages.get(timeout=_LOOK_UP)
        except Empty:
            return
        if content is None:
            self._replace(worker)
        elif "fault" in content:
            raise (StoppedError if content["stopped"] else FramelineError)(content["fault"])
        elif worker.shard is not None:
            self._report(worker.shard.number, Counts.from_dict(content["counts"]), done=content["done"])
            if content["done"]:
                self._continue(worker)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for worker in self._workers:
            worker.kill()
        for worker in self._workers:
            worker.end()

    def _continue(self, worker: "_Worker") -> None:
        """Give a worker its next shard, or let it go."""
        shard = next(self._shards, None)
        if shard is None:
            self._workers.remove(worker)
            worker.end()
        else:
            worker.begin(shard)

    def _replace(self, worker: "_Worker") -> None:
        """Have the shard of a worker that died done again by another."""
        shard = worker.shard
        if worker not in self._workers or shard is None:
            return
        self._workers.remove(worker)
        worker.end()
        self._deaths[shard.number] = self._deaths.get(shard.number, 0) + 1
        self._report(shard.number, Counts(), done=False)
        if self._deaths[shard.number] >= _DEATHS:
            raise StoppedError(
                f"shard {shard.number} ({shard.inputs}): {_DEATHS} workers died on it, {worker.cause()}. What is "
                "finished is kept; the same command tries again"
            )
        self.employ(shard)


class _Worker:
    """A process that scores shards, seen from its parent."""

    def __init__(self, job: Job, messages: SimpleQueue[_Message]) -> None:
        self.shard: Shard | None = None
        self._said = ""
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the worker ends
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "service.archive.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)},
            process_group=0 if os.name == "posix" else None,
        )
        self._input, self._output = _pipe(self._process.stdin), _pipe(self._process.stdout)
        self._reader = Thread(target=self._read, args=(messages,), daemon=True)
        self._reader.start()
        plan = job.plan.model_dump(mode="json")
        self._send(json.dumps({"plan": plan, "url": job.url, "scratch": str(job.scratch)}))

    def begin(self, shard: Shard) -> None:
        """Give it a shard."""
        self.shard = shard
        self._send(shard.model_dump_json())

    def kill(self) -> None:
        """End it at once; what it was at is lost."""
        self._process.kill()

    def end(self) -> None:
        """Let it go, or clear up after it if it is gone."""
        with suppress(OSError):  # it is gone, and did not read the last line
            self._input.close()
        self._process.wait()
        self._reader.join()
        self._output.close()
        self._errors.seek(0)
        self._said = self._errors.read().decode(errors="replace").strip()
        self._errors.close()

    def cause(self) -> str:
        """Why it died, as far as that can be known once it has ended."""
        code = self._process.returncode
        if code == -signal.SIGKILL:
            return "the last one killed, perhaps for want of memory: --workers 1 needs less"
        ending = f"the last one by signal {-code}" if code < 0 else f"the last one with exit code {code}"
        return f"{ending}: {self._said.splitlines()[-1]}" if self._said else ending

    def _send(self, line: str) -> None:
        with suppress(OSError):  # it is gone, and its reader says so
            self._input.write(line.encode() + b"\n")
            self._input.flush()

    def _read(self, messages: SimpleQueue[_Message]) -> None:
        for line in self._output:
            if line.endswith(b"\n"):  # else it was killed while it wrote
                messages.put(_Message(self, json.loads(line)))
        messages.put(_Message(self, None))


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    """A stream that was asked for, and so is there."""
    if stream is None:
        raise RuntimeError("a worker has no pipe")
    return stream
