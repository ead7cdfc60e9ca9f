"""One training run: a folder that holds all that went in and all that came out."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer, set_seed
from transformers.trainer_utils import get_last_checkpoint

from model.annotation import Annotation, annotation_files, read_annotations
from model.checkpoint import CODEBOOK, CONFIG, TOKENIZER, CheckpointConfig, Thresholds, digest
from model.codebook import Codebook, Schema
from model.errors import FramelineError
from model.labeller import Labeller
from model.network import FramelineModel
from model.tokens import SentenceTokenizer
from training.batches import ExampleSet
from training.encoders import find_encoder
from training.examples import Example, from_annotations
from training.newsmtsc import read_newsmtsc
from training.settings import TrainingSettings
from training.splits import Part, part_of, split_documents
from training.thresholds import choose_thresholds
from training.torch_runtime import TorchRuntime
from training.trainer import make_trainer

NETWORK = "network"
RUN = "run.json"
METRICS = "metrics.json"
_TRAINER = "trainer"


class RunError(FramelineError):
    """A run folder that holds another run, or none."""


@dataclass(frozen=True)
class Sources:
    """Where a run's data comes from.

    Attributes:
        annotations: files or folders with annotated sentences; they are split by document.
        codebook: the codebook file.
        newsmtsc: folder or hub id of NewsMTSC, or None.
        development: further annotated sentences that choose epoch and thresholds and are never trained on.
    """

    annotations: tuple[Path, ...]
    codebook: Path
    newsmtsc: str | None = None
    development: tuple[Path, ...] = ()

    def checksums(self) -> dict[str, str]:
        """SHA-256 of every file that goes in, by its path."""
        files = [*annotation_files(self.annotations), *annotation_files(self.development), self.codebook]
        if self.newsmtsc is not None and Path(self.newsmtsc).is_dir():
            files += [Path(self.newsmtsc) / f"{part}.jsonl" for part in _NEWSMTSC_PARTS]
        return {str(file): digest(file) for file in files if file.is_file()}


_NEWSMTSC_PARTS = ("train", "rw_dev", "mt_dev")


def train(sources: Sources, settings: TrainingSettings, folder: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Train a network; with the same arguments an interrupted run goes on where its last epoch ended.

    Args:
        sources: the data.
        settings: the settings.
        folder: the run folder, made where it is not there.
        say: takes a line about what happens.

    Returns:
        The development scores, which also stand in the folder's ``metrics.json``.

    Raises:
        RunError: the folder holds a run with other settings or data.
    """
    codebook = Codebook.load(sources.codebook)
    annotations = read_annotations(sources.annotations, codebook)
    record = _record(sources, settings, annotations)
    _check_parts(record)
    _claim(folder, record, sources.codebook)
    encoder = find_encoder(settings.encoder)
    tokenizer = AutoTokenizer.from_pretrained(encoder.source)
    tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
    sentences = SentenceTokenizer(folder / TOKENIZER, settings.window, settings.overlap)
    chosen_by = [*part(annotations, "development", settings), *read_annotations(sources.development, codebook)]
    learned = from_annotations(part(annotations, "train", settings))
    development = from_annotations(chosen_by)
    if sources.newsmtsc is not None:
        corpus = read_newsmtsc(sources.newsmtsc, "train")
        say(f"{len(corpus)} sentences of NewsMTSC, {len(learned)} annotated ones, {settings.repeat} times each")
        learned = corpus + learned * settings.repeat
        development += _development_stances(sources.newsmtsc)
    set_seed(settings.seed)
    model = FramelineModel.from_encoder(
        encoder.source,
        {
            "encoder_name": encoder.name,
            "frames": codebook.frame_ids,
            "stances": codebook.stance_ids,
            "window": settings.window,
            "overlap": settings.overlap,
            "dropout": settings.dropout,
            "label_smoothing": settings.label_smoothing,
        },
    )
    trainer = make_trainer(
        model,
        settings,
        ExampleSet(learned, codebook, sentences),
        ExampleSet(development, codebook, sentences),
        tokenizer.pad_token_id,
        folder / _TRAINER,
    )
    last = get_last_checkpoint(str(folder / _TRAINER)) if (folder / _TRAINER).is_dir() else None
    if last is not None:
        say(f"going on from {last}")
    trainer.train(resume_from_checkpoint=last)
    metrics: dict[str, Any] = {"history": trainer.state.log_history, "development": trainer.evaluate()}
    model.save_pretrained(folder / NETWORK)
    say("choosing thresholds")
    config = write_config(folder, chosen_by)
    metrics["thresholds"] = config.thresholds.model_dump()
    (folder / METRICS).write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    shutil.rmtree(folder / _TRAINER)
    return dict(metrics["development"])


def write_config(folder: Path, chosen_by: Sequence[Annotation]) -> CheckpointConfig:
    """Choose thresholds for the network in a run folder and write its ``config.json``."""
    codebook = Codebook.load(folder / CODEBOOK)
    network = FramelineModel.from_pretrained(folder / NETWORK)
    config = CheckpointConfig(
        name=folder.resolve().name,
        version="0",
        encoder=network.config.encoder_name,
        window=network.config.window,
        overlap=network.config.overlap,
        thresholds=Thresholds(frames=dict.fromkeys(codebook.frame_ids, 0.5)),
    )
    tokenizer = SentenceTokenizer(folder / TOKENIZER, config.window, config.overlap)
    labeller = Labeller(TorchRuntime(network), tokenizer, codebook, config, threads=1)
    config = config.model_copy(update={"thresholds": choose_thresholds(labeller, chosen_by)})
    labeller.close()
    (folder / CONFIG).write_text(config.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return config


def load_run(folder: Path) -> Labeller:
    """A labeller with the torch network of a finished run.

    Raises:
        RunError: there is no finished run in ``folder``.
    """
    if not (folder / METRICS).is_file():
        raise RunError(f"{folder}: no finished run there ({METRICS} is missing)")
    config = read_config(folder)
    tokenizer = SentenceTokenizer(folder / TOKENIZER, config.window, config.overlap)
    return Labeller(TorchRuntime.load(folder / NETWORK), tokenizer, Codebook.load(folder / CODEBOOK), config, threads=1)


class RunRecord(Schema):
    """What stands in ``run.json``: settings, sources with checksums, and the documents of each part."""

    settings: TrainingSettings
    data: dict[str, str]
    annotations: tuple[Path, ...]
    newsmtsc: str | None
    documents: dict[Part, tuple[str, ...]]


def read_record(folder: Path) -> RunRecord:
    """The record of a run.

    Raises:
        RunError: there is no run in ``folder``.
    """
    try:
        return RunRecord.model_validate_json((folder / RUN).read_bytes())
    except (OSError, ValueError) as error:
        raise RunError(f"{folder}: no run folder ({RUN} cannot be read: {error})") from None


def read_config(folder: Path) -> CheckpointConfig:
    """The labelling configuration of a finished run."""
    return CheckpointConfig.model_validate_json((folder / CONFIG).read_bytes())


def part(annotations: Sequence[Annotation], name: Part, settings: TrainingSettings) -> list[Annotation]:
    """The annotations whose documents belong to one part."""
    return [
        annotation
        for annotation in annotations
        if part_of(annotation.document, settings.seed, settings.held_out) == name
    ]


def _development_stances(newsmtsc: str) -> list[Example]:
    return [example for name in ("rw_dev", "mt_dev") for example in read_newsmtsc(newsmtsc, name)]


def _record(sources: Sources, settings: TrainingSettings, annotations: Sequence[Annotation]) -> RunRecord:
    documents = split_documents((annotation.document for annotation in annotations), settings.seed, settings.held_out)
    return RunRecord(
        settings=settings,
        data=sources.checksums(),
        annotations=sources.annotations,
        newsmtsc=sources.newsmtsc,
        documents={name: tuple(found) for name, found in documents.items()},
    )


def _check_parts(record: RunRecord) -> None:
    settings = record.settings
    if not all(record.documents.values()):
        counts = ", ".join(f"{len(names)} in {name}" for name, names in record.documents.items())
        raise RunError(
            f"too few documents ({counts}): each part needs one; annotate more documents, or try another --held-out "
            f"(now {settings.held_out}) or --seed"
        )


def _claim(folder: Path, record: RunRecord, codebook: Path) -> None:
    """Make the folder this run's own, or check that it is."""
    file = folder / RUN
    if file.is_file() and not _same(folder, record):
        raise RunError(f"{folder} holds a run with other settings or data (see {RUN}); choose another --out")
    if (folder / METRICS).is_file():
        raise RunError(f"{folder} holds this very run, finished; choose another --out or remove the folder")
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(record.model_dump_json(indent=2) + "\n", encoding="utf-8")
    shutil.copyfile(codebook, folder / CODEBOOK)


def _same(folder: Path, record: RunRecord) -> bool:
    try:
        return read_record(folder) == record
    except RunError:
        return False
