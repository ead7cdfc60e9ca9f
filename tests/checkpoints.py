"""Checkpoints whose labels differ visibly."""

import json
import shutil
from pathlib import Path

from model.checkpoint import CODEBOOK, CONFIG, seal
from model.codebook import FrameChoice
from model.seen import SEEN


def vary(checkpoint: Path, folder: Path, threshold: float, **renamed: str) -> Path:
    """A checkpoint that gives every frame (threshold 0) or none (threshold 1), maybe with other frames' names.

    As those of earlier versions, it does not say what it has seen.
    """
    shutil.copytree(checkpoint, folder)
    (folder / SEEN).unlink()
    for name in (CONFIG, CODEBOOK):
        content = (folder / name).read_text(encoding="utf-8")
        for old, new in renamed.items():
            content = content.replace(old, new)
        (folder / name).write_text(content, encoding="utf-8")
    config = json.loads((folder / CONFIG).read_bytes())
    config["thresholds"]["frames"] = dict.fromkeys(config["thresholds"]["frames"], threshold)
    (folder / CONFIG).write_text(json.dumps(config), encoding="utf-8")
    seal(folder)
    return folder


def make_exclusive(checkpoint: Path, folder: Path, choice: FrameChoice) -> Path:
    """A checkpoint whose frames exclude each other."""
    vary(checkpoint, folder, 0.0)
    with (folder / CODEBOOK).open("a", encoding="utf-8") as codebook:
        codebook.write(f"frames_per_sentence: {choice}\n")
    seal(folder)
    return folder
