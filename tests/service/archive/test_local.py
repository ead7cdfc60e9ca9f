"""The engine of worker processes, killed in every way that a run meets."""

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from service.archive import LocalEngine, score
from service.archive.counts import Counts
from service.archive.errors import StoppedError
from service.archive.folder import open_folder
from service.archive.identity import ModelIdentity
from service.archive.inputs import find_inputs
from service.archive.options import ScoreOptions
from service.archive.planning import make_plan
from service.archive.progress import Progress
from tests.service.archive.conftest import SerialEngine, article, read_tables

ROOT = Path(__file__).parent.parent.parent.parent
_PATIENCE = 120.0


@pytest.fixture
def planned(tmp_path: Path, options: ScoreOptions, small_shards: None) -> tuple[Path, Path]:
    """An archive, and a folder that has its plan, of many small shards."""
    archive = tmp_path / "news.jsonl"
    archive.write_text("\n".join(json.dumps(article(number)) for number in range(300)), encoding="utf-8")
    folder = tmp_path / "out"
    model = ModelIdentity.open(options.model, None)
    make_plan(find_inputs([str(archive)]), options, model, open_folder(str(folder)), lambda read: None)
    return archive, folder


def _start(archive: Path, folder: Path, options: ScoreOptions, *more: str) -> subprocess.Popen[str]:
    arguments = [str(archive), "--out", str(folder), "--checkpoint", options.model, "--any-language", "--workers", "2"]
    return subprocess.Popen(
        [sys.executable, "-m", "frameline", "score", *arguments, *more],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _wait(folder: Path, aim: int, process: subprocess.Popen[str]) -> None:
    """Wait until so many shards are done."""
    end = time.monotonic() + _PATIENCE
    while _done(folder) < aim and process.poll() is None:
        assert time.monotonic() < end
        time.sleep(0.005)


def _done(folder: Path) -> int:
    return len(list((folder / "done").glob("*.json")))


def _gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_killed_runs_and_workers_leave_the_tables_of_an_undisturbed_run(
    planned: tuple[Path, Path], tmp_path: Path, options: ScoreOptions, serial: Callable[..., SerialEngine]
) -> None:
    archive, folder = planned
    score([str(archive)], tmp_path / "whole", options, engine=serial())
    chance = random.Random(5)
    for turn in range(3):
        process = _start(archive, folder, options)
        aim = _done(folder) + chance.randrange(1, 12)
        _wait(folder, aim, process)
        workers = psutil.Process(process.pid).children()
        if turn == 0:
            chance.choice(workers).kill()
            aim += 5
            _wait(folder, aim, process)
            workers = psutil.Process(process.pid).children()
        process.kill()
        process.communicate()
        _, alive = psutil.wait_procs(workers, timeout=_PATIENCE)
        assert not alive, "workers outlive the process that started them"
        assert not (folder / "manifest.json").exists()
    process = _start(archive, folder, options)
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    assert "300 documents, 1,200 sentences" in output
    for one, other in zip(read_tables(folder), read_tables(tmp_path / "whole"), strict=True):
        assert one == other


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_says_how_to_go_on(
    planned: tuple[Path, Path], options: ScoreOptions, number: signal.Signals
) -> None:
    archive, folder = planned
    process = _start(archive, folder, options)
    _wait(folder, 2, process)
    workers = psutil.Process(process.pid).children()
    process.send_signal(number)
    _, errors = process.communicate()
    assert process.returncode == 130
    assert "the same command goes on" in errors
    assert "Traceback" not in errors
    assert all(map(_gone, workers))
    assert _done(folder) >= 2


def test_a_shard_on_which_workers_keep_dying_stops_the_run_and_is_named(
    planned: tuple[Path, Path], options: ScoreOptions
) -> None:
    archive, folder = planned
    obstacle = folder / "sentences/part-000003.parquet"
    obstacle.mkdir(parents=True)
    with pytest.raises(StoppedError) as caught:
        score([str(archive)], folder, options, engine=LocalEngine(1))
    assert "shard 3" in str(caught.value)
    assert str(archive) in str(caught.value)
    assert "3 workers died" in str(caught.value)
    assert "IsADirectoryError" in str(caught.value)
    obstacle.rmdir()
    assert score([str(archive)], folder, options, engine=LocalEngine(1)).counts.documents == 300


def test_a_full_disk_stops_the_run_which_can_go_on(planned: tuple[Path, Path], options: ScoreOptions) -> None:
    resource = pytest.importorskip("resource")
    archive, folder = planned
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))  # no file may grow beyond that
    try:
        process = _start(archive, folder, options, "--progress", "json")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    _, errors = process.communicate()
    assert process.returncode == 1
    last = json.loads(errors.splitlines()[-1])
    assert last["event"] == "failed"
    assert "cannot be written" in last["message"]
    assert "make room there" in last["message"]
    assert score([str(archive)], folder, options, engine=LocalEngine(1)).counts.documents == 300


def test_a_checkpoint_that_breaks_after_planning_is_named(
    planned: tuple[Path, Path], options: ScoreOptions, tmp_path: Path, checkpoint: Path
) -> None:
    archive, _ = planned
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in checkpoint.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())

    def break_it(progress: Progress) -> None:
        if progress.event == "planned":
            (copy / "model.onnx").write_bytes(b"")

    broken = options.model_copy(update={"model": str(copy)})
    with pytest.raises(Exception, match=r"model\.onnx is damaged"):
        score([str(archive)], tmp_path / "new", broken, engine=LocalEngine(1), on_progress=break_it)


def test_counts_add_up_and_come_back_from_a_file() -> None:
    counts = Counts(documents=2, sentences=9, scored=8, saved=1, fault=1, language=3)
    assert counts.plus(counts).sentences == 18
    assert (counts.rejected, counts.records) == (4, 6)
    assert Counts.from_dict(json.loads(json.dumps(counts.as_dict()))) == counts


def test_workers_do_not_see_what_lies_in_the_current_folder(
    archive: Path, tmp_path: Path, options: ScoreOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "service.py").write_text("raise RuntimeError", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(ROOT), *filter(None, sys.path)])
    outcome = score([archive.name], "out", options, engine=LocalEngine(1))
    assert outcome.counts.documents == 40
    assert (tmp_path / "out/sentences").is_dir()
