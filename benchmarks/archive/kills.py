"""Runs that are killed at random moments, and go on."""

import random
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil
from rich.progress import track

from benchmarks.archive.corpus import Corpus
from benchmarks.archive.options import Options
from benchmarks.archive.scoring import have_same_tables, run, start
from benchmarks.serving.report import Figure, Floor

PART = "kills"
_SENTENCES = 4_000
_LEFT = {"sentences", "stances", "manifest.json", "rejected.jsonl"}


class Killed(NamedTuple):
    """A run that was killed: ``target`` says what was, ``equal`` whether its tables are those of the whole run."""

    target: str
    equal: bool


def measure(options: Options) -> list[Figure]:
    """Kill as many runs as is asked for, the process that was started or one of its workers."""
    corpus = Corpus(options.corpus, options.seed)
    archive, whole = options.folder / "kills.jsonl.gz", options.folder / "whole"
    corpus.write_unique(archive, min(options.sentences, _SENTENCES))
    seconds = run(archive, whole).seconds
    chance = random.Random(options.seed)  # noqa: S311 - no secret
    killed = [
        _kill(archive, whole, options.folder / "killed", chance, seconds)
        for _ in track(range(options.kills), description="kills")
    ]
    parents = sum(one.target == "parent" for one in killed)
    return [
        Figure(
            part=PART,
            name="runs with the tables of an undisturbed one",
            value=sum(one.equal for one in killed),
            other=len(killed),
            floor=Floor("≥", 1.0),
        ),
        Figure(part=PART, name="of these, the parent was killed, else a worker", value=parents),
    ]


def _kill(archive: Path, whole: Path, out: Path, chance: random.Random, seconds: float) -> Killed:
    """Kill a run once, let it end, and compare; one that ended too early is done again."""
    while True:
        shutil.rmtree(out, ignore_errors=True)
        wanted = chance.choice(["parent", "worker"])
        process = start(archive, out, "--progress", "quiet")
        time.sleep(chance.uniform(0, seconds))
        target = _shoot(process.pid, wanted, chance) if process.poll() is None else None
        _, errors = process.communicate()
        if target is not None:
            break
    if target == "parent":
        run(archive, out)
    elif process.returncode:
        raise RuntimeError(f"frameline score ended with code {process.returncode}: {errors}")
    return Killed(target, _is_equal(out, whole))


def _shoot(parent: int, wanted: str, chance: random.Random) -> str | None:
    """Kill a process or one of its workers (itself, where it has none yet); None where it ended before that."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(parent)
        workers = process.children() if wanted == "worker" else []
        (chance.choice(workers) if workers else process).kill()
        return "worker" if workers else "parent"
    return None


def _is_equal(out: Path, whole: Path) -> bool:
    if {path.name for path in out.iterdir()} != _LEFT:
        return False
    rejected = (out / "rejected.jsonl").read_bytes() == (whole / "rejected.jsonl").read_bytes()
    return rejected and have_same_tables(out, whole)
