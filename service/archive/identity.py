"""Which model labels an archive, told without loading its network."""

import hashlib
import json
from pathlib import Path
from typing import Self

from model.checkpoint import CHECKSUMS, CONFIG, MODEL, TOKENIZER, Checkpoint
from model.codebook import Codebook, FrameChoice, Schema
from model.errors import CodebookError


class LabelName(Schema):
    """A frame or a stance; ``threshold`` is the probability from which on a frame is present, where any may be."""

    id: str
    name: str
    threshold: float | None = None


class ModelIdentity(Schema):
    """A checkpoint with a codebook; two of the same ``fingerprint`` give the same labels."""

    name: str
    version: str
    codebook: str
    language: str
    frames: tuple[LabelName, ...]
    stances: tuple[LabelName, ...]
    frames_per_sentence: FrameChoice = "any"
    fingerprint: str

    @classmethod
    def open(cls, folder: str, codebook_file: str | None, version: str | None = None) -> Self:
        """Look at the checkpoint in ``folder``.

        Args:
            folder: the checkpoint's.
            codebook_file: a codebook with further actors; None means the checkpoint's own.
            version: what its version is called; None means as in the checkpoint.

        Raises:
            CheckpointError: the checkpoint is missing or damaged.
            CodebookError: the codebook is faulty, does not fit the checkpoint, or has frames called as columns are.
        """
        checkpoint = Checkpoint.open(Path(folder))
        codebook = checkpoint.codebook
        if codebook_file is not None:
            codebook = Codebook.load(Path(codebook_file))
            codebook.check_labels(checkpoint.codebook)
        if clashing := codebook.clashing_columns():
            raise CodebookError(
                f"{codebook.label}: frames: {', '.join(clashing)}: columns of the tables are called so; this model can "
                "label texts (frameline classify), but an archive needs one that was trained with other ids"
            )
        choice = codebook.frames_per_sentence
        thresholds = checkpoint.config.thresholds.frames if choice == "any" else {}
        sums = json.loads((checkpoint.folder / CHECKSUMS).read_bytes())
        parts = (*(sums[name] for name in (MODEL, TOKENIZER, CONFIG)), codebook.fingerprint)
        return cls(
            name=checkpoint.config.name,
            version=checkpoint.config.version if version is None else version,
            codebook=codebook.label,
            language=codebook.language,
            frames=tuple(
                LabelName(id=one.id, name=one.name, threshold=thresholds.get(one.id)) for one in codebook.frames
            ),
            stances=tuple(LabelName(id=one.id, name=one.name) for one in codebook.stances),
            frames_per_sentence=choice,
            fingerprint=hashlib.sha256(" ".join(parts).encode()).hexdigest(),
        )
