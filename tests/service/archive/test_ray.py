"""The engine of several machines, on clusters of this one: the same tables as without it, whatever is killed."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from click.testing import CliRunner

import frameline
from service.archive import score
from service.archive.counts import Counts
from service.archive.engine import Job
from service.archive.errors import StoppedError
from service.archive.folder import open_folder
from service.archive.identity import ModelIdentity
from service.archive.inputs import find_inputs
from service.archive.options import ScoreOptions
from service.archive.plan import Plan, planned_shards
from service.archive.planning import make_plan
from tests.service.archive.conftest import SerialEngine, article, read_tables

ray = pytest.importorskip("ray", reason="the 'ray' extra is not installed")

from service.archive.ray_engine import RayEngine, Resources, _Run, share_out  # noqa: E402
from service.archive.ray_worker import RayJob, RayScorer, scratch_of  # noqa: E402

ROOT = Path(__file__).parent.parent.parent.parent
_PATIENCE = 120.0


@pytest.fixture
def planned(tmp_path: Path, options: ScoreOptions, small_shards: None) -> tuple[Path, Path]:
    """An archive, and a folder that has its plan, of many small shards."""
    archive = tmp_path / "news.jsonl"
    archive.write_text("\n".join(json.dumps(article(number)) for number in range(600)), encoding="utf-8")
    folder = tmp_path / "out"
    model = ModelIdentity.open(options.model, None)
    make_plan(find_inputs([str(archive)]), options, model, open_folder(str(folder)), lambda read: None)
    return archive, folder


class _Call:
    """Stands for a method of an actor."""

    def __init__(self, called: list[tuple[Any, ...]]) -> None:
        self.called = called

    def remote(self, *arguments: Any) -> None:
        self.called.append(arguments)


class _Board:
    """Stands for the actor of a board."""

    def __init__(self) -> None:
        self.started: list[tuple[Any, ...]] = []
        self.begun: list[tuple[Any, ...]] = []
        self.start, self.begin, self.tell = _Call(self.started), _Call(self.begun), _Call([])


@pytest.fixture
def make_scorer(planned: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    """Makes a worker in this process, whose plan or folder may be another than that of the run."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.chdir(Path.cwd())  # a worker goes where the driver is; afterwards this process goes back
    plan = Plan.read(open_folder(str(planned[1])))
    assert plan is not None

    def make(url: str | None = None, **changes: Any) -> tuple[RayScorer, _Board]:
        board = _Board()
        changed = plan.model_copy(update=changes)
        return RayScorer(RayJob(changed.model_dump(mode="json"), url or str(planned[1]), str(Path.cwd())), board), board

    return make


def _ask(scorer: RayScorer, folder: Path, number: int = 0) -> dict[str, Any]:
    shard = list(planned_shards(open_folder(str(folder))))[number]
    (message,) = scorer({"shard": [shard.model_dump_json()]})["message"]
    answer: dict[str, Any] = json.loads(message)
    return answer


def _start(archive: Path, folder: Path, options: ScoreOptions) -> subprocess.Popen[str]:
    arguments = [str(archive), "--out", str(folder), "--checkpoint", options.model, "--any-language", "--workers", "2"]
    return subprocess.Popen(
        [sys.executable, "-m", "frameline", "score", *arguments, "--engine", "ray"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"},
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


def _workers(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The processes of a run that have a model."""
    found = psutil.Process(process.pid).children(recursive=True)
    return [one for one in found if one.cmdline() and "MapWorker" in one.cmdline()[0]]


@pytest.mark.slow
def test_tables_are_those_of_an_undisturbed_local_run_though_a_worker_and_the_driver_are_killed(
    planned: tuple[Path, Path], tmp_path: Path, options: ScoreOptions, serial: Callable[..., SerialEngine]
) -> None:
    archive, folder = planned
    score([str(archive)], tmp_path / "whole", options, engine=serial())
    process = _start(archive, folder, options)
    _wait(folder, 3, process)
    workers = _workers(process)
    assert workers
    workers[0].kill()
    aim = _done(folder) + 30
    _wait(folder, aim, process)
    workers = _workers(process)
    process.kill()
    process.communicate()
    assert not (folder / "manifest.json").exists()
    _, alive = psutil.wait_procs(workers, timeout=_PATIENCE)
    assert not alive, "workers outlive the process that started them"
    assert _done(folder) >= aim

    process = _start(archive, folder, options)
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    assert "600 documents, 2,400 sentences" in output
    ours = [line for line in errors.splitlines() if "documents" in line or line.startswith("Planning: ")]
    assert ours == errors.splitlines(), "Ray writes to the terminal"
    assert json.loads((folder / "manifest.json").read_bytes())["engine"] == "ray"
    for one, other in zip(read_tables(folder), read_tables(tmp_path / "whole"), strict=True):
        assert one == other


@pytest.mark.filterwarnings("ignore")
def test_without_a_cluster_at_the_address_the_command_says_so(
    planned: tuple[Path, Path], options: ScoreOptions
) -> None:
    archive, folder = planned
    arguments = [str(archive), "--out", str(folder), "--checkpoint", options.model, "--any-language", "--engine", "ray"]
    result = CliRunner().invoke(frameline.main, ["score", *arguments, "--ray-address", "nonsense"])
    assert result.exit_code == 2
    assert "--ray-address nonsense" in result.stderr


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """A cluster of this process, which says that it has a GPU."""
    from service.archive.ray_engine import _silent

    with _silent():
        ray.init(address="local", num_cpus=2, num_gpus=1, include_dashboard=False, log_to_driver=False)
    yield
    ray.shutdown()


def _look(run: _Run, seen: Callable[[], bool]) -> None:
    """Look at the board until something is seen."""
    end = time.monotonic() + _PATIENCE
    while not seen():
        assert time.monotonic() < end
        run._look()
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_a_shard_that_cannot_be_written_stops_the_run_and_is_named(
    cluster: None, planned: tuple[Path, Path], options: ScoreOptions, serial: Callable[..., SerialEngine]
) -> None:
    archive, folder = planned
    obstacle = folder / "sentences/part-000003.parquet"
    obstacle.mkdir(parents=True)
    with pytest.raises(StoppedError) as caught:
        score([str(archive)], folder, options, engine=RayEngine(1))
    assert "shard 3" in str(caught.value)
    assert str(archive) in str(caught.value)
    assert "IsADirectoryError" in str(caught.value)
    obstacle.rmdir()
    plan = Plan.read(open_folder(str(folder)))
    assert plan is not None
    known = scratch_of(str(folder), plan)
    assert known.is_dir()
    shutil.rmtree(known)
    assert score([str(archive)], folder, options, engine=serial()).counts.documents == 600


@pytest.mark.filterwarnings("ignore")
def test_workers_that_keep_dying_stop_the_run(cluster: None, planned: tuple[Path, Path], tmp_path: Path) -> None:
    plan = Plan.read(open_folder(str(planned[1])))
    assert plan is not None
    shards = list(planned_shards(open_folder(str(planned[1]))))
    told: list[tuple[int, int]] = []
    run = _Run(
        Job(plan, str(planned[1]), tmp_path),
        shards,
        Resources(2, 0),
        lambda shard, counts, *, done: told.append((shard, counts.documents)),
    )
    run._board.begin.remote(5)
    run._board.tell.remote(5, Counts(documents=2).as_dict())
    _look(run, lambda: bool(told))
    assert told == [(5, 2)]
    for _ in range(2):
        run._board.begin.remote(5)
    _look(run, lambda: len(told) == 3)
    assert told[1:] == [(5, 0), (5, 0)]
    run._board.begin.remote(5)
    with pytest.raises(StoppedError, match=r"shard 5 \(.*news.jsonl\): 3 workers died on it"):
        _look(run, lambda: False)
    other = _Run(Job(plan, str(planned[1]), tmp_path), shards, Resources(1, 0), lambda *_, **__: None)
    for _ in range(5):
        other._board.start.remote()
    with pytest.raises(StoppedError, match="die while they load the model"):
        _look(other, lambda: False)


def test_a_worker_answers_with_the_counts_and_scores_nothing_twice(
    planned: tuple[Path, Path], make_scorer: Callable[..., Any]
) -> None:
    _, folder = planned
    scorer, board = make_scorer()
    first = _ask(scorer, folder)
    assert first["counts"]["documents"] > 0
    assert _ask(scorer, folder) == first
    assert (len(board.started), board.begun) == (1, [(0,)])


def test_a_worker_on_a_machine_that_cannot_score_the_run_says_what_is_missing(
    planned: tuple[Path, Path], make_scorer: Callable[..., Any], tmp_path: Path
) -> None:
    _, folder = planned
    assert "install the same version" in _ask(make_scorer(frameline="0.0.1")[0], folder)["fault"]
    answer = _ask(make_scorer(url=str(tmp_path / "elsewhere"))[0], folder)
    assert "is not the folder of the run" in answer["fault"]
    assert answer["stopped"] is False
    plan = Plan.read(open_folder(str(folder)))
    assert plan is not None
    other = plan.model.model_copy(update={"fingerprint": "0"})
    assert "put the same checkpoint" in _ask(make_scorer(model=other)[0], folder)["fault"]


def test_a_worker_tries_three_times_what_may_pass(
    planned: tuple[Path, Path], make_scorer: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    scorer, _ = make_scorer()
    failures = [ConnectionError("away")] * 2

    def fail(*arguments: Any) -> Counts:
        if failures:
            raise failures.pop()
        return Counts(documents=1)

    monkeypatch.setattr("service.archive.ray_worker.score_shard", fail)
    assert _ask(scorer, planned[1])["counts"]["documents"] == 1
    failures += [ConnectionError("away")] * 3
    answer = _ask(scorer, planned[1])
    assert "failed 3 times" in answer["fault"]
    assert "ConnectionError: away" in answer["fault"]
    assert answer["stopped"] is True


@pytest.mark.parametrize(
    ("total", "workers", "on_gpu", "expected"),
    [
        ({"CPU": 8.0, "GPU": 2.0}, None, False, Resources(8, 0)),
        ({"CPU": 8.0, "GPU": 2.0}, None, True, Resources(2, 1)),
        ({"CPU": 8.0}, None, True, Resources(8, 0)),
        ({"CPU": 8.0, "GPU": 2.0}, 5, True, Resources(5, 1)),
        ({}, None, False, Resources(1, 0)),
    ],
)
def test_workers_take_the_cpus_or_the_gpus(
    total: dict[str, float], workers: int | None, on_gpu: bool, expected: Resources
) -> None:
    assert share_out(total, workers, on_gpu=on_gpu) == expected


def test_without_ray_the_command_names_the_extra(
    planned: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delitem(sys.modules, "service.archive.ray_engine")
    monkeypatch.setitem(sys.modules, "ray", None)
    result = CliRunner().invoke(
        frameline.main, ["score", str(planned[0]), "--out", str(tmp_path / "new"), "--engine", "ray"]
    )
    assert result.exit_code == 2
    assert "frameline[ray]" in result.stderr
