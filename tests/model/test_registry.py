import json
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from model import atomic
from model.checkpoint import CARD, CONFIG, seal
from model.errors import CheckpointError, FramelineError, InputError, RegistryError
from model.registry import Registry
from model.seen import Seen


class CrashError(BaseException):
    """The machine stops: nothing that comes after it happens, not even tidying up."""


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)  # no test turns the machine off
    return Registry(tmp_path / "registry")


@pytest.fixture
def checkpoints(checkpoint: Path, tmp_path: Path) -> list[Path]:
    """Three checkpoints that differ in their version."""
    made = []
    for number in range(3):
        folder = tmp_path / f"made-{number}"
        shutil.copytree(checkpoint, folder)
        config = json.loads((folder / CONFIG).read_bytes())
        (folder / CONFIG).write_text(json.dumps({**config, "version": f"1.{number}"}), encoding="utf-8")
        seal(folder)
        made.append(folder)
    return made


def finish(run: Path, base: Path | None = None, teacher: Path | None = None) -> Path:
    run.mkdir()
    record = {
        "settings": {"seed": 1, "encoder": "tiny"},
        "data": {"a.jsonl": "00"},
        "documents": {"train": ["d1", "d2"], "development": ["d3"], "test": ["d4"]},
        "chosen_by": ["d5"],
        "annotations": ["a.jsonl"],
        "base": None if base is None else str(base),
        "teacher": None if teacher is None else str(teacher),
        "something": "new",
    }
    (run / "run.json").write_text(json.dumps(record), encoding="utf-8")
    metrics = {"development": {"eval_f1": 0.5, "eval_name": "x"}, "history": []}
    (run / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    return run


def test_a_version_is_a_copy_with_its_lineage(registry: Registry, checkpoints: list[Path], tmp_path: Path) -> None:
    first_run, second_run = finish(tmp_path / "one"), finish(tmp_path / "two", tmp_path / "one")
    first, new = registry.add(checkpoints[0], first_run, by="ada", note="the first")
    second, _ = registry.add(checkpoints[1], second_run, by="ada")
    third, _ = registry.add(checkpoints[2], by="ada", parent="2")
    shutil.rmtree(checkpoints[0])
    assert new
    assert registry.versions() == [first, second, third]
    assert (first.id, first.served_as, first.note, first.by) == ("v1", "1.0+v1", "the first", "ada")
    assert [version.parent for version in registry.versions()] == [None, "v1", "v2"]
    assert first.lineage is not None
    assert first.lineage.metrics == {"eval_f1": 0.5}
    assert first.lineage.seen == Seen.of(["d1", "d2"], ["d3", "d5"])
    assert third.lineage is None
    assert registry.lineages(third) == (second.lineage, first.lineage)
    assert (registry.checkpoint(first).parent / "run.json").read_bytes() == (first_run / "run.json").read_bytes()


def test_a_versions_lineages_are_those_of_its_teacher_too(
    registry: Registry, checkpoints: list[Path], tmp_path: Path
) -> None:
    runs = [finish(tmp_path / "large")]
    runs.append(finish(tmp_path / "small", teacher=runs[0]))
    runs.append(finish(tmp_path / "smaller", runs[1]))
    large, _, smaller = (registry.add(*pair, by="ada")[0] for pair in zip(checkpoints, runs, strict=True))
    for run in runs:
        shutil.rmtree(run)
    assert [lineage.run for lineage in registry.lineages(smaller)] == [str(run) for run in reversed(runs)]
    assert registry.lineages(large) == (large.lineage,)


def test_a_run_that_is_based_on_a_versions_checkpoint_has_it_as_its_parent(
    registry: Registry, checkpoints: list[Path], tmp_path: Path
) -> None:
    first, _ = registry.add(checkpoints[0], by="ada")
    bases = (registry.checkpoint(first), checkpoints[0])
    added = [
        registry.add(checkpoint, finish(tmp_path / f"run-{number}", base), by="ada")[0]
        for number, (checkpoint, base) in enumerate(zip(checkpoints[1:], bases, strict=True))
    ]
    assert [version.parent for version in added] == ["v1", "v1"]


def test_the_same_checkpoint_is_added_once(registry: Registry, checkpoints: list[Path]) -> None:
    first, new = registry.add(checkpoints[0], by="ada")
    again, anew = registry.add(checkpoints[0], by="bob")
    assert (new, anew, again) == (True, False, first)


def test_what_cannot_be_added_leaves_nothing(registry: Registry, checkpoints: list[Path], tmp_path: Path) -> None:
    (checkpoints[0] / CONFIG).write_text("{}", encoding="utf-8")
    with pytest.raises(CheckpointError, match="is damaged"):
        registry.add(checkpoints[0], by="ada")
    with pytest.raises(InputError, match=r"no finished training run there \(run.json"):
        registry.add(checkpoints[1], tmp_path / "nowhere", by="ada")
    with pytest.raises(RegistryError, match="no version 'v7' there"):
        registry.add(checkpoints[1], by="ada", parent="v7")
    assert registry.versions() == []


def test_a_version_that_was_changed_is_not_given_out(registry: Registry, checkpoints: list[Path]) -> None:
    version, _ = registry.add(checkpoints[0], by="ada")
    folder = registry.checkpoint(version)
    (folder / CONFIG).chmod(0o644)
    shutil.copy(checkpoints[1] / CONFIG, folder / CONFIG)
    with pytest.raises(CheckpointError, match="is damaged"):
        registry.checkpoint(version)
    (folder / "checksums.json").chmod(0o644)
    (folder / CARD).unlink(missing_ok=True)
    seal(folder)
    with pytest.raises(RegistryError, match="not the checkpoint that was added as v1"):
        registry.promote(version, None, by="ada")


@pytest.mark.parametrize("gone", [False, True])
def test_a_damaged_version_is_whole_again_when_its_checkpoint_is_added_again(
    registry: Registry, checkpoints: list[Path], gone: bool
) -> None:
    version, _ = registry.add(checkpoints[0], by="ada")
    folder = registry.checkpoint(version)
    if gone:
        shutil.rmtree(folder)
    else:
        (folder / CONFIG).chmod(0o644)
        (folder / CONFIG).write_text("{", encoding="utf-8")
    assert registry.add(checkpoints[0], by="ada") == (version, False)
    assert (registry.checkpoint(version) / CONFIG).read_bytes() == (checkpoints[0] / CONFIG).read_bytes()
    assert [file.name for file in (registry.folder / "versions").iterdir()] == ["v1"]


def test_other_files_among_the_versions_are_left_alone(registry: Registry, checkpoints: list[Path]) -> None:
    version, _ = registry.add(checkpoints[0], by="ada")
    (registry.folder / "versions" / "v1.old").mkdir()
    (registry.folder / "versions" / ".DS_Store").touch()
    assert registry.versions() == [version]
    assert registry.add(checkpoints[1], by="ada")[0].id == "v2"


def test_promotions_and_rollbacks(registry: Registry, checkpoints: list[Path]) -> None:
    first, second, third = (registry.add(folder, by="ada")[0] for folder in checkpoints)
    assert registry.pointer().version is None
    before = registry.stamp()
    registry.promote(first, None, by="ada", reason="the first", evidence="k")
    assert registry.stamp() != before
    registry.promote(second, "v1", by="bob", forced=True, reason="hurry", findings=("fleeing is worse",))
    registry.refuse(third, by="bob", reason="worse", findings=("guarding is worse",))
    assert registry.pointer().version == "v2"
    registry.promote(third, "v2", by="ada")
    assert registry.rollback(by="cy", reason="complaints").version == "v2"
    assert registry.rollback(by="cy").version == "v1"
    assert registry.rollback(by="cy").version is None
    with pytest.raises(RegistryError, match="no version is in service"):
        registry.rollback(by="cy")
    log = registry.log()
    assert [decision.number for decision in log] == list(range(1, 8))
    assert [(decision.action, decision.version, decision.instead_of) for decision in log] == [
        ("promoted", "v1", None),
        ("promoted", "v2", "v1"),
        ("refused", "v3", "v2"),
        ("promoted", "v3", "v2"),
        ("rolled back", "v2", "v3"),
        ("rolled back", "v1", "v2"),
        ("rolled back", None, "v1"),
    ]
    assert (log[1].forced, log[1].reason, log[1].findings) == (True, "hurry", ("fleeing is worse",))


def test_a_promotion_that_was_compared_with_another_version_is_refused(
    registry: Registry, checkpoints: list[Path]
) -> None:
    first, second, third = (registry.add(folder, by="ada")[0] for folder in checkpoints)
    registry.promote(first, None, by="ada")
    registry.promote(second, "v1", by="ada")
    with pytest.raises(RegistryError, match="v2 is in service now and not v1"):
        registry.promote(third, "v1", by="bob")


def test_writers_take_turns(registry: Registry, checkpoints: list[Path]) -> None:
    first, second, _ = (registry.add(folder, by="ada")[0] for folder in checkpoints)
    registry.promote(first, None, by="ada")
    start = threading.Barrier(8)
    won = []

    def promote(number: int) -> None:
        start.wait()
        try:
            Registry(registry.folder).promote(second, "v1", by=f"writer {number}")
            won.append(number)
        except RegistryError:
            Registry(registry.folder).refuse(second, by=f"writer {number}", reason="too late")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(promote, range(8)))
    assert len(won) == 1
    log = registry.log()
    assert [decision.number for decision in log] == list(range(1, 10))
    assert sum(decision.action == "promoted" for decision in log) == 2


@contextmanager
def crash_after(steps: int, patch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Stop everything after so many writes, renames and removals."""
    done = [0]

    def counted(function: object) -> object:
        def step(*arguments: object, **named: object) -> object:
            if done[0] >= steps:
                raise CrashError
            done[0] += 1
            return function(*arguments, **named)  # type: ignore[operator]

        return step

    with patch.context() as inside:
        for owner, name in (
            (atomic, "write_through"),
            (Path, "replace"),
            (Path, "rename"),
            (Path, "unlink"),
            (Path, "open"),
            (Path, "mkdir"),
            (shutil, "rmtree"),
        ):
            inside.setattr(owner, name, counted(getattr(owner, name)))
        yield done


def test_after_a_crash_at_any_step_it_is_as_before_or_as_after(
    registry: Registry, checkpoints: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = registry.add(checkpoints[0], by="ada")
    registry.promote(first, None, by="ada")
    untouched = tmp_path / "untouched"
    shutil.copytree(registry.folder, untouched)
    run = finish(tmp_path / "run")
    outcomes = set()
    for steps in range(1000):
        shutil.rmtree(registry.folder)
        shutil.copytree(untouched, registry.folder)
        with crash_after(steps, monkeypatch) as done:
            try:
                second, _ = registry.add(checkpoints[1], run, by="ada")
                registry.promote(second, "v1", by="ada")
                registry.rollback(by="ada")
                finished = True
            except CrashError:
                finished = False
        versions, pointer, log = registry.versions(), registry.pointer(), registry.log()
        state = (len(versions), pointer.version, tuple(decision.action for decision in log))
        assert state in {
            (1, "v1", ("promoted",)),
            (2, "v1", ("promoted",)),
            (2, "v2", ("promoted", "promoted")),
            (2, "v1", ("promoted", "promoted", "rolled back")),
        }
        outcomes.add(state)
        registry.refuse(first, by="bob", reason="too late")  # and it goes on
        assert [decision.number for decision in registry.log()] == list(range(1, len(log) + 2))
        assert len(list((registry.folder / "versions").iterdir())) == len(versions)
        if finished:
            assert done[0] == steps
            break
    assert finished
    assert len(outcomes) == 4


def test_the_beginning_of_a_line_is_no_decision(registry: Registry, checkpoints: list[Path]) -> None:
    first, _ = registry.add(checkpoints[0], by="ada")
    registry.promote(first, None, by="ada")
    with (registry.folder / "log.jsonl").open("ab") as stream:
        stream.write(b'{"number": 2, "act')
    assert len(registry.log()) == 1
    registry.rollback(by="ada")
    assert [decision.action for decision in registry.log()] == ["promoted", "rolled back"]


def test_damage_is_named(registry: Registry, checkpoints: list[Path]) -> None:
    first, _ = registry.add(checkpoints[0], by="ada")
    registry.promote(first, None, by="ada")
    (registry.folder / "in-service.json").write_text("[]", encoding="utf-8")
    with pytest.raises(FramelineError, match="in-service.json: damaged"):
        registry.pointer()
    (registry.folder / "in-service.json").unlink()
    with (registry.folder / "log.jsonl").open("ab") as stream:
        stream.write(b"{}\n")
    with pytest.raises(FramelineError, match=r"log.jsonl:2: damaged"):
        registry.log()


def test_a_number_is_never_given_twice(registry: Registry, checkpoints: list[Path]) -> None:
    first, _ = registry.add(checkpoints[0], by="ada")
    registry.promote(first, None, by="ada")
    shutil.rmtree(registry.folder / "versions" / "v1")
    assert registry.add(checkpoints[1], by="ada")[0].id == "v2"


def test_comparisons_are_kept(registry: Registry, checkpoints: list[Path]) -> None:
    registry.add(checkpoints[0], by="ada")
    registry.keep_comparison("a", "first")
    registry.keep_comparison("a", "second")
    registry.keep_comparison("b", "third")
    assert (registry.comparison("a"), registry.comparison("c")) == ("first", None)
    assert set(registry.comparisons()) == {"a", "b"}
