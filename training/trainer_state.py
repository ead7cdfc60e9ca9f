"""What the Hugging Face Trainer leaves behind when it is interrupted, and from which of it a training can go on."""

import json
import shutil
from pathlib import Path

from transformers.trainer import (
    OPTIMIZER_NAME,
    SCHEDULER_NAME,
    TRAINER_STATE_NAME,
)
from transformers.trainer_utils import sort_checkpoints
from transformers.utils import SAFE_WEIGHTS_NAME

_RANDOM = "rng_state.pth"
#: The files of a checkpoint, in the order in which the trainer writes them.
_FILES = (SAFE_WEIGHTS_NAME, OPTIMIZER_NAME, SCHEDULER_NAME, _RANDOM, TRAINER_STATE_NAME)


def last_whole_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint that was written to its end; later ones, which a kill cut short, are removed.

    Args:
        folder: the trainer's output folder, which may be missing.

    Returns:
        The checkpoint's folder, or None where there is none.
    """
    if not folder.is_dir():
        return None
    for checkpoint in map(Path, reversed(sort_checkpoints(str(folder)))):
        if _is_whole(checkpoint):
            return checkpoint
        shutil.rmtree(checkpoint)
    return None


def stopped_after(checkpoint: Path) -> float | None:
    """After how many epochs training was to end, if it was at this checkpoint, as early stopping decides."""
    state = json.loads((checkpoint / TRAINER_STATE_NAME).read_bytes())
    stops = state["stateful_callbacks"]["TrainerControl"]["args"]["should_training_stop"]
    return float(state["epoch"]) if stops else None


def _is_whole(checkpoint: Path) -> bool:
    if not all((checkpoint / name).is_file() for name in _FILES):
        return False
    try:
        json.loads((checkpoint / TRAINER_STATE_NAME).read_bytes())
    except ValueError:
        return False
    return True
