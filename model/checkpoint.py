"""A checkpoint: a folder with everything that labelling needs, each file under a checksum."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, Field, ValidationError

from model.atomic import sync_folder, write_once
from model.codebook import Codebook, Schema
from model.errors import CheckpointError
from model.faults import describe

FORMAT = 1
Precision = Literal["int8", "float16", "float32"]
MODEL = "model.onnx"
TOKENIZER = "tokenizer.json"
CODEBOOK = "codebook.yaml"
CONFIG = "config.json"
CHECKSUMS = "checksums.json"
CARD = "README.md"
#: The checkpoint that ships with Frameline.
DEFAULT = Path(__file__).parent / "checkpoints" / "default"


class Thresholds(Schema):
    """From which probability on a label is given.

    ``mention`` holds for a word that the actor list does not know, ``listed`` for one that it does.
    """

    frames: dict[str, float]
    mention: float = Field(default=0.5, ge=0, le=1)
    listed: float = Field(default=0.5, ge=0, le=1)


class Platt(Schema):
    """A frame's logit is multiplied by ``scale``, then ``bias`` is added (Platt 1999); by default it stays as it is.

    The scale is positive, so that a higher logit remains a higher probability.
    """

    scale: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    bias: float = Field(default=0.0, allow_inf_nan=False)


class Calibration(Schema):
    """What turns logits into probabilities that hold as often as they say; the default changes nothing.

    ``frames`` may leave frames out, whose logits stay as they are. A mention's stance logits are divided by
    ``temperature`` (Guo et al. 2017, On Calibration of Modern Neural Networks).
    """

    frames: dict[str, Platt] = Field(default_factory=dict)
    temperature: float = Field(default=1.0, gt=0, allow_inf_nan=False)

    def frame(self, name: str) -> Platt:
        """The calibration of one frame."""
        return self.frames.get(name, Platt())


class CheckpointConfig(Schema):
    """What stands in ``config.json``; ``window`` and ``overlap`` count tokens.

    The thresholds of the frames hold for calibrated probabilities. An int8 network runs on the CPU, one in floating
    point on a GPU where there is one. ``fixed_scales`` says of an int8 network that sentences may run together: its
    activations have scales of their own. Earlier versions exported others, which run sentence by sentence.
    """

    format: int = FORMAT
    name: str
    version: str
    encoder: str
    precision: Precision = "int8"
    fixed_scales: bool = False
    window: int = Field(gt=8)
    overlap: int = Field(ge=0)
    thresholds: Thresholds
    calibration: Calibration = Field(default_factory=Calibration)


class _Format(BaseModel):
    """The one field that every format has."""

    format: int = FORMAT


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint on disk, checked when it is opened."""

    folder: Path
    config: CheckpointConfig
    codebook: Codebook

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the checkpoint in ``folder``.

        Raises:
            CheckpointError: it is missing, incomplete, damaged or of another format.
            CodebookError: its codebook is faulty.
        """
        verify(folder)
        try:
            content = (folder / CONFIG).read_bytes()
            found = _Format.model_validate_json(content).format
            if found != FORMAT:
                raise CheckpointError(f"{folder}: format {found}, but this version of Frameline reads {FORMAT}")
            config = CheckpointConfig.model_validate_json(content)
        except ValidationError as error:
            raise CheckpointError("\n".join(f"{folder / CONFIG}: {line}" for line in describe(error))) from None
        codebook = Codebook.load(folder / CODEBOOK)
        if set(config.thresholds.frames) != set(codebook.frame_ids):
            raise CheckpointError(f"{folder}: the thresholds in {CONFIG} are not those of the frames in {CODEBOOK}")
        unknown = sorted(set(config.calibration.frames) - set(codebook.frame_ids))
        if unknown:
            raise CheckpointError(
                f"{folder}: the calibration in {CONFIG} is of frames that {CODEBOOK} lacks: {', '.join(unknown)}"
            )
        return cls(folder, config, codebook)


def digest(file: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def seal(folder: Path) -> None:
    """Write the checksums of every file in ``folder``, which makes it a checkpoint; folders in it are no part of it."""
    sums = {file.name: digest(file) for file in sorted(folder.iterdir()) if file.is_file() and file.name != CHECKSUMS}
    (folder / CHECKSUMS).write_text(json.dumps(sums, indent=2) + "\n", encoding="utf-8")


def copy_checkpoint(checkpoint: Path, folder: Path) -> None:
    """Copy a checkpoint to a new folder so that it outlives a crash, and check the copy.

    Raises:
        CheckpointError: the copy is not whole.
    """
    folder.mkdir()
    for file in checkpoint.iterdir():
        if file.is_file():
            write_once(folder / file.name, file.read_bytes())
    Checkpoint.open(folder)
    sync_folder(folder)


def verify(folder: Path) -> None:
    """Compare every file of a checkpoint with its checksum.

    Raises:
        CheckpointError: naming every file that is missing or differs.
    """
    try:
        sums = json.loads((folder / CHECKSUMS).read_bytes())
    except OSError:
        raise CheckpointError(
            f"{folder}: no checkpoint there ({CHECKSUMS} is missing); `frameline export` makes one"
        ) from None
    except (ValueError, RecursionError):
        sums = None
    if not isinstance(sums, dict):
        raise CheckpointError(f"{folder / CHECKSUMS}: damaged, not a JSON object; fetch the checkpoint again")
    faults = [f"{name} is missing" for name in (MODEL, TOKENIZER, CODEBOOK, CONFIG) if name not in sums]
    for name, expected in sums.items():
        file = folder / name
        if not file.is_file():
            faults.append(f"{name} is missing")
        elif name != CARD and digest(file) != expected:
            faults.append(f"{name} is damaged (its checksum differs)")
    if faults:
        raise CheckpointError(f"{folder}: {'; '.join(faults)}; fetch or export the checkpoint again")
