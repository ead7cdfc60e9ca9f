import json
import shutil
from pathlib import Path

import pytest

from model.checkpoint import CARD, CHECKSUMS, CONFIG, MODEL, Checkpoint, Platt, seal
from model.errors import CheckpointError
from model.labeller import Labeller


@pytest.fixture
def copy(checkpoint: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(checkpoint, tmp_path / "checkpoint"))


def test_opens_what_was_sealed(checkpoint: Path) -> None:
    assert Checkpoint.open(checkpoint).config.version == "1.0"


def test_a_missing_folder_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no checkpoint there"):
        Checkpoint.open(tmp_path / "nothing")


@pytest.mark.parametrize("name", [MODEL, "tokenizer.json", "codebook.yaml", CONFIG])
def test_a_missing_or_damaged_file_is_named(copy: Path, name: str) -> None:
    (copy / name).write_bytes((copy / name).read_bytes()[:-1] + b"?")
    with pytest.raises(CheckpointError, match=f"{name} is damaged"):
        Checkpoint.open(copy)
    (copy / name).unlink()
    with pytest.raises(CheckpointError, match=f"{name} is missing"):
        Checkpoint.open(copy)


def test_damaged_checksums_are_a_clear_error(copy: Path) -> None:
    (copy / CHECKSUMS).write_text("{", encoding="utf-8")
    with pytest.raises(CheckpointError, match=CHECKSUMS):
        Checkpoint.open(copy)


def test_another_format_is_a_clear_error(copy: Path) -> None:
    content = json.loads((copy / CONFIG).read_text(encoding="utf-8"))
    (copy / CONFIG).write_text(json.dumps({**content, "format": 99, "pooling": "mean"}), encoding="utf-8")
    seal(copy)
    with pytest.raises(CheckpointError, match="format 99"):
        Checkpoint.open(copy)


def test_a_faulty_config_names_the_field(copy: Path) -> None:
    content = json.loads((copy / CONFIG).read_text(encoding="utf-8"))
    (copy / CONFIG).write_text(json.dumps({**content, "window": "wide"}), encoding="utf-8")
    seal(copy)
    with pytest.raises(CheckpointError, match="window"):
        Checkpoint.open(copy)


def test_thresholds_of_other_frames_are_a_clear_error(copy: Path) -> None:
    content = json.loads((copy / CONFIG).read_text(encoding="utf-8"))
    content["thresholds"]["frames"] = {"other": 0.5}
    (copy / CONFIG).write_text(json.dumps(content), encoding="utf-8")
    seal(copy)
    with pytest.raises(CheckpointError, match="thresholds"):
        Checkpoint.open(copy)


def test_without_a_calibration_nothing_is_changed(copy: Path) -> None:
    content = json.loads((copy / CONFIG).read_text(encoding="utf-8"))
    content.pop("calibration")
    (copy / CONFIG).write_text(json.dumps(content), encoding="utf-8")
    seal(copy)
    calibration = Checkpoint.open(copy).config.calibration
    assert calibration.frame("guarding") == Platt(scale=1, bias=0)
    assert calibration.temperature == 1


@pytest.mark.parametrize(
    ("calibration", "expected"),
    [
        ({"frames": {"other": {"scale": 2}}}, "frames that codebook.yaml lacks: other"),
        ({"frames": {"guarding": {"scale": -1}}}, r"calibration\.frames\.guarding\.scale"),
        ({"temperature": 0}, r"calibration\.temperature"),
    ],
)
def test_a_faulty_calibration_is_a_clear_error(copy: Path, calibration: dict[str, object], expected: str) -> None:
    content = json.loads((copy / CONFIG).read_text(encoding="utf-8"))
    (copy / CONFIG).write_text(json.dumps({**content, "calibration": calibration}), encoding="utf-8")
    seal(copy)
    with pytest.raises(CheckpointError, match=expected):
        Checkpoint.open(copy)


def test_a_file_that_is_no_model_is_a_clear_error(copy: Path) -> None:
    (copy / MODEL).write_bytes(b"no model")
    seal(copy)
    with pytest.raises(CheckpointError, match="ONNX"):
        Labeller.from_checkpoint(copy)


def test_the_model_card_may_be_edited(copy: Path) -> None:
    (copy / CARD).write_text("one", encoding="utf-8")
    seal(copy)
    (copy / CARD).write_text("two", encoding="utf-8")
    Checkpoint.open(copy)
