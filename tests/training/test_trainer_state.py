import json
from collections.abc import Callable
from pathlib import Path

import pytest

from training.trainer_state import last_whole_checkpoint, stopped_after

_FILES = ("model.safetensors", "optimizer.pt", "scheduler.pt", "rng_state.pth", "trainer_state.json")


def checkpoint(folder: Path, step: int) -> Path:
    made = folder / f"checkpoint-{step}"
    made.mkdir(parents=True)
    for name in _FILES:
        (made / name).write_text("{}", encoding="utf-8")
    return made


def test_the_newest_is_taken_by_its_number(tmp_path: Path) -> None:
    for step in (100, 9, 20):
        checkpoint(tmp_path, step)
    assert last_whole_checkpoint(tmp_path) == tmp_path / "checkpoint-100"


def test_nothing_to_go_on_from(tmp_path: Path) -> None:
    assert last_whole_checkpoint(tmp_path / "missing") is None
    assert last_whole_checkpoint(tmp_path) is None


@pytest.mark.parametrize(
    "damage",
    [
        *(lambda folder, name=name: (folder / name).unlink() for name in _FILES),
        lambda folder: (folder / "trainer_state.json").write_text('{"epoch": 1', encoding="utf-8"),
        lambda folder: (folder / "trainer_state.json").write_text("", encoding="utf-8"),
        lambda folder: (folder / "trainer_state.json").write_bytes(b"\xff"),
    ],
)
def test_one_that_a_kill_cut_short_gives_way_to_the_one_before(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    whole, cut = checkpoint(tmp_path, 20), checkpoint(tmp_path, 30)
    damage(cut)
    assert last_whole_checkpoint(tmp_path) == whole
    assert not cut.exists()


def test_where_all_are_cut_short_training_begins_anew(tmp_path: Path) -> None:
    cut = checkpoint(tmp_path, 30)
    (cut / "optimizer.pt").unlink()
    assert last_whole_checkpoint(tmp_path) is None
    assert not cut.exists()


@pytest.mark.parametrize(("stops", "expected"), [(True, 3), (False, None)])
def test_after_how_many_epochs_training_was_to_end(tmp_path: Path, stops: bool, expected: int | None) -> None:
    state = {"epoch": 3.0, "stateful_callbacks": {"TrainerControl": {"args": {"should_training_stop": stops}}}}
    (checkpoint(tmp_path, 30) / "trainer_state.json").write_text(json.dumps(state), encoding="utf-8")
    assert stopped_after(tmp_path / "checkpoint-30") == expected
