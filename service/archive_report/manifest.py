"""What ``frameline score`` says of its run: the ``manifest.json`` beside the tables."""

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from model.codebook import FrameChoice
from model.errors import FramelineError
from model.faults import describe

NAME = "manifest.json"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Label(_Part):
    """A frame or a stance; ``threshold`` is the probability from which a frame counts as present."""

    id: str
    name: str
    threshold: float | None = None


class Model(_Part):
    """Which model gave the labels, under which codebook; manifests of old know only frames of which any may be."""

    name: str
    version: str
    codebook: str
    frames_per_sentence: FrameChoice = "any"


class Options(_Part):
    """With what the run was made, as far as it says so: the checkpoint's folder, and a codebook with further actors."""

    model: str | None = None
    codebook: str | None = None


class Source(_Part):
    """One input file."""

    url: str
    format: str
    sha256: str
    records: int


class Counts(_Part):
    """How much was read, labelled and set aside; ``saved`` are sentences that repeat one labelled before."""

    documents: int
    sentences: int
    stances: int
    saved: int = 0
    rejected: dict[str, int] = Field(default_factory=dict)


class Manifest(_Part):
    """The fields of the manifest that the report shows; it may have more."""

    frameline: str
    model: Model
    options: Options = Options()
    frames: tuple[Label, ...] = Field(min_length=1)
    stances: tuple[Label, ...] = Field(min_length=2)
    inputs: tuple[Source, ...]
    counts: Counts
    started: datetime
    finished: datetime
    engine: str = "local"

    @classmethod
    def load(cls, folder: Path) -> "Manifest":
        """Read the manifest of a finished run.

        Raises:
            FramelineError: there is no such folder, the run is not finished, or the manifest is damaged.
        """
        if not folder.is_dir():
            raise FramelineError(
                f"{folder}: no such folder on this machine. Give the one that `frameline score` wrote with --out."
            )
        try:
            content = (folder / NAME).read_bytes()
        except FileNotFoundError:
            raise FramelineError(f"{folder}: {_unfinished(folder)}") from None
        try:
            return cls.model_validate_json(content)
        except ValidationError as error:
            raise FramelineError("\n".join(f"{folder / NAME}: {line}" for line in describe(error))) from None


def _unfinished(folder: Path) -> str:
    if any((folder / name).exists() for name in ("plan.json", "done", "sentences")):
        return (
            f"this run is not finished, there is no {NAME} yet. "
            f"Give its `frameline score … --out {folder}` again (without --limit), which resumes it; then ask for the "
            "report."
        )
    return f"not a folder of `frameline score`, there is no {NAME} in it."
