"""The folder of a training run: what lies where, and how it is read back."""

from collections.abc import Container, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ValidationError

from model import atomic
from model.annotation import Annotation
from model.annotation_files import annotation_files
from model.checkpoint import CODEBOOK, CONFIG, TOKENIZER, CheckpointConfig, digest
from model.codebook import Codebook, Schema
from model.errors import FaultsError, FramelineError
from model.faults import describe
from model.labeller import Labeller
from model.seen import Seen, whole_parts
from model.tokens import SentenceTokenizer
from model.version import METRICS, RUN
from training.settings import TrainingSettings
from training.splits import Part, part_of
from training.torch_runtime import TorchRuntime

NETWORK = "network"
REPORT = "report.html"
#: A folder that is found from wherever it is looked for.
_Absolute = Annotated[Path, AfterValidator(Path.resolve)]


class RunError(FramelineError):
    """A run folder that holds another run, or none."""


def load_run(folder: Path, codebook: Path | None = None) -> Labeller:
    """A labeller with the torch network of a finished run.

    Args:
        folder: the run folder.
        codebook: the file of a codebook with further actors; by default the run's own is taken.

    Raises:
        RunError: there is no finished run in ``folder``.
        CodebookError: ``codebook`` cannot be read, or has other frames or stances than the run's.
    """
    if not (folder / METRICS).is_file():
        raise RunError(f"{folder}: no finished run there ({METRICS} is missing)")
    config = read_config(folder)
    tokenizer = SentenceTokenizer(folder / TOKENIZER, config.window, config.overlap)
    own = Codebook.load(folder / CODEBOOK)
    labels = own if codebook is None else Codebook.load(codebook)
    labels.check_labels(own)
    return Labeller(TorchRuntime.load(folder / NETWORK), tokenizer, labels, config, threads=1)


class RunRecord(Schema):
    """What stands in ``run.json``: settings, sources with checksums, and the documents of each part.

    ``actors`` says whether actors are marked in the annotations, ``chosen_by`` are the documents of further sentences
    that chose, ``seen`` the annotated documents that the base or the teacher was trained on, which are trained on
    again. The part ``train`` has the documents that were learned from, those of the supplements, too; ``further`` are
    those of NewsMTSC and of unlabelled sentences.
    """

    settings: TrainingSettings
    data: dict[str, str]
    annotations: tuple[Path, ...]
    supplements: tuple[Path, ...] = ()
    newsmtsc: str | None
    base: _Absolute | None = None
    teacher: _Absolute | None = None
    actors: bool = True
    documents: dict[Part, tuple[str, ...]]
    chosen_by: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    further: tuple[str, ...] = ()

    @property
    def learned(self) -> Seen:
        """The documents that were learned from and those that chose."""
        return Seen.of_parts(whole_parts(self.documents, self.further, self.chosen_by))


def read_record(folder: Path) -> RunRecord:
    """The record of a run.

    Raises:
        RunError: there is no run in ``folder``, or its record is damaged.
    """
    try:
        return RunRecord.model_validate_json((folder / RUN).read_bytes())
    except OSError as error:
        raise RunError(f"{folder}: no finished run there ({RUN} cannot be read: {error})") from None
    except ValidationError as error:
        faults = "; ".join(describe(error))
        raise RunError(f"{folder / RUN}: damaged ({faults}); bring it back, or train anew in another folder") from None


def write_record(folder: Path, record: RunRecord) -> None:
    """Write the record of a run, as a whole or not at all."""
    atomic.write(folder / RUN, f"{record.model_dump_json(indent=2)}\n".encode())


def check_unchanged(record: RunRecord) -> None:
    """Check, before the annotations of a run are read again, that they are still those that it was made from.

    Raises:
        FaultsError: every file that is another one now.
    """
    changed = [
        f"{file}: not the file that the run was made from (another SHA-256 stands in its {RUN}): bring that back, or "
        "train anew; `frameline evaluate --annotations FILE` measures on others"
        for file in annotation_files(record.annotations)
        if str(file) in record.data and file.is_file() and digest(file) != record.data[str(file)]
    ]
    if changed:
        raise FaultsError(changed)


def read_config(folder: Path) -> CheckpointConfig:
    """The labelling configuration of a finished run."""
    return CheckpointConfig.model_validate_json((folder / CONFIG).read_bytes())


def part(
    annotations: Sequence[Annotation], name: Part, settings: TrainingSettings, seen: Container[str] = ()
) -> list[Annotation]:
    """The annotations whose documents belong to one part; those that were trained on before are of ``train``."""
    return [
        annotation
        for annotation in annotations
        if part_of(annotation.document, settings.seed, settings.held_out, seen) == name
    ]
