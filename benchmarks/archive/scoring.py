"""Runs of ``frameline score``, as a user starts them, measured from outside."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

import psutil
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).parent.parent.parent
#: Seconds between two looks at the memory.
_EVERY = 0.1


class Scored(NamedTuple):
    """What a run took and did.

    ``seconds`` run from its start to its end, ``planned`` to the moment when it began to score; ``peak`` is the most
    memory that its processes had resident together, in bytes, pages that they share counted in each.
    """

    seconds: float
    planned: float
    peak: int
    counts: dict[str, Any]

    @property
    def rate(self) -> float:
        """Sentences a second that went through the model."""
        return float(self.counts["scored"] / self.seconds)


def start(inputs: Path, out: Path, *more: str) -> "subprocess.Popen[str]":
    """Start a run."""
    return subprocess.Popen(
        [sys.executable, "-m", "frameline", "score", str(inputs), "--out", str(out), "--any-language", *more],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(inputs: Path, out: Path, *more: str) -> Scored:
    """Run it to its end.

    Raises:
        RuntimeError: it failed.
    """
    begin = time.perf_counter()
    process = start(inputs, out, "--progress", "json", *more)
    with _Memory(process.pid) as memory:
        planned, last = 0.0, ""
        for line in process.stderr or ():
            last = line
            if not planned and '"planned"' in line:
                planned = time.perf_counter() - begin
        code = process.wait()
    seconds = time.perf_counter() - begin
    if code:
        raise RuntimeError(f"frameline score ended with code {code}: {last}")
    counts = json.loads((out / "manifest.json").read_bytes())["counts"]
    return Scored(seconds, planned, memory.peak, counts)


def read_table(folder: Path, name: str) -> pa.Table:
    """A table of a finished run: ``sentences`` or ``stances``."""
    return pa.concat_tables([pq.read_table(file) for file in sorted((folder / name).iterdir())])


def have_same_tables(one: Path, other: Path) -> bool:
    """Whether two runs have the same tables, row for row."""
    return all(read_table(one, name).equals(read_table(other, name)) for name in ("sentences", "stances"))


class _Memory:
    """Watches the memory of a process and of those that it started, while the block lasts."""

    def __init__(self, process: int) -> None:
        self.peak = 0
        self._process = psutil.Process(process)
        self._ended = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "_Memory":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(_EVERY):
            with suppress(psutil.Error):
                family = [self._process, *self._process.children(recursive=True)]
                self.peak = max(self.peak, sum(map(_resident, family)))


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def best_fit(sizes: Sequence[float], values: Sequence[float]) -> tuple[float, float, float]:
    """Least squares: slope, intercept and R² of values over sizes."""
    import numpy as np

    slope, intercept = np.polyfit(sizes, values, 1)
    residuals = np.asarray(values) - (slope * np.asarray(sizes) + intercept)
    spread = np.asarray(values) - np.mean(values)
    return float(slope), float(intercept), float(1 - (residuals @ residuals) / (spread @ spread))
