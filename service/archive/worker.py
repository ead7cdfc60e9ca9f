"""A process that scores shards for the one that started it, and ends with it.

Each line of standard input is JSON: first the job, then a shard at a time. Each line of standard output is JSON, too:
how far a shard is, that it is done, or why the run cannot go on. Whatever else is printed goes to standard error.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from importlib.abc import MetaPathFinder
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

import pyarrow as pa

from model.codebook import Codebook
from model.errors import FramelineError
from model.labeller import Labeller
from service.archive.counts import Counts
from service.archive.errors import DiskError, StoppedError
from service.archive.folder import FULL, open_folder
from service.archive.options import ScoreOptions
from service.archive.plan import Plan
from service.archive.scorer import score_shard
from service.archive.shard import Shard
from service.archive.store import STORE, LabelStore

Send = Callable[[dict[str, object]], None]


def main() -> None:
    """Score shards until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.meta_path.insert(0, _WithoutPandas())
    pa.set_memory_pool(pa.system_memory_pool())  # gives back what it no longer needs
    pa.set_cpu_count(1)

    def send(message: dict[str, object]) -> None:
        channel.write(json.dumps(message) + "\n")
        channel.flush()

    try:
        _work(_lines(), send)
    except FramelineError as error:
        send({"fault": str(error), "stopped": isinstance(error, StoppedError)})
    except Exception:  # whatever it is, the parent tries again, and shows the last line of it in the end
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(1)  # the thread that waits for input cannot be joined


class _WithoutPandas(MetaPathFinder):
    """Hides pandas, which pyarrow would load, in 50 MB, only to look whether a list is one of its types."""

    def find_spec(self, name: str, path: object, target: object = None) -> None:
        """Say that there is no pandas; of other modules, nothing.

        Raises:
            ModuleNotFoundError: it is pandas.
        """
        if name == "pandas":
            raise ModuleNotFoundError(name=name)


def open_labeller(options: ScoreOptions) -> Labeller:
    """The model of a run, for one thread.

    Raises:
        CheckpointError: it is missing or damaged.
        CodebookError: the codebook is faulty, or does not fit the checkpoint.
    """
    codebook = None if options.codebook is None else Codebook.load(Path(options.codebook))
    return Labeller.from_checkpoint(options.model, codebook, threads=1)


def _work(lines: Iterator[bytes], send: Send) -> None:
    job = json.loads(next(lines))
    plan = Plan.model_validate(job["plan"])
    folder = open_folder(job["url"])
    labeller = open_labeller(plan.options)
    try:
        store = LabelStore(Path(job["scratch"]) / STORE)
        for line in lines:
            shard = Shard.model_validate_json(line)
            counts = score_shard(shard, plan, labeller, store, folder, lambda counts: _report(send, counts, done=False))
            _report(send, counts, done=True)
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise DiskError(job["scratch"], str(error.strerror)) from None


def _report(send: Send, counts: Counts, *, done: bool) -> None:
    send({"counts": counts.as_dict(), "done": done})


def _lines() -> Iterator[bytes]:
    """The lines of standard input; when it ends, since all is done or the parent is gone, so does this process."""
    lines: SimpleQueue[bytes] = SimpleQueue()

    def read() -> None:
        for line in sys.stdin.buffer:
            lines.put(line)
        os._exit(0)

    Thread(target=read, daemon=True).start()
    while True:
        yield lines.get()


if __name__ == "__main__":
    main()
