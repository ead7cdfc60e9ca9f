"""One training run: a folder that holds all that went in and all that came out."""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from torch import Tensor
from torch.nn import Embedding
from transformers import AutoTokenizer, set_seed
from transformers.trainer_utils import get_last_checkpoint

from model.annotation import Annotation, annotation_files, read_annotations
from model.checkpoint import CODEBOOK, CONFIG, TOKENIZER, CheckpointConfig, Thresholds, digest
from model.codebook import Codebook
from model.labeller import Labeller
from model.network import FramelineModel
from model.standoff import read_corpus
from model.tokens import SentenceTokenizer
from training.augmentation import reword, substitute_names
from training.batches import Collator, ExampleSet
from training.calibration import fit_calibration
from training.distillation import Teacher, read_unlabelled
from training.encoders import Encoder, find_encoder
from training.examples import Example, from_annotations
from training.newsmtsc import read_newsmtsc
from training.pruning import narrow
from training.remembering_runtime import RememberingRuntime
from training.reserved import Reserved
from training.run_folder import METRICS, NETWORK, RUN, RunError, RunRecord, part, read_record
from training.settings import TrainingSettings
from training.splits import part_of, split_documents
from training.thresholds import choose_thresholds
from training.torch_runtime import TorchRuntime
from training.trainer import make_trainer

_TRAINER = "trainer"
#: Batches on which a network that is narrowed shows what its units do.
_SAMPLED = 64


@dataclass(frozen=True)
class Sources:
    """Where a run's data comes from.

    Attributes:
        annotations: files or folders with annotated sentences; they are split by document.
        codebook: the codebook file.
        newsmtsc: folder or hub id of NewsMTSC, or None.
        development: further annotated sentences that choose epoch and thresholds and are never trained on.
        reserved: annotated sentences, with or without text, that are measured on later; nothing is learned from
            any sentence of their documents.
        base: a finished run whose network is trained further, instead of an encoder.
        teacher: a finished run whose network labels all that is learned from softly.
        unlabelled: JSON Lines files of ``{"id", "text"}`` from which only the teacher's soft labels are learned.
    """

    annotations: tuple[Path, ...]
    codebook: Path
    newsmtsc: str | None = None
    development: tuple[Path, ...] = ()
    reserved: tuple[Path, ...] = ()
    base: Path | None = None
    teacher: Path | None = None
    unlabelled: tuple[Path, ...] = ()

    def checksums(self) -> dict[str, str]:
        """SHA-256 of every file that goes in, by its path."""
        files = [*annotation_files(self.annotations), *annotation_files(self.development), self.codebook]
        files += [*annotation_files(self.reserved), *self.unlabelled]
        files += [run / NETWORK / _WEIGHTS for run in (self.base, self.teacher) if run is not None]
        if self.newsmtsc is not None and Path(self.newsmtsc).is_dir():
            files += [Path(self.newsmtsc) / f"{part}.jsonl" for part in _NEWSMTSC_PARTS]
        return {str(file): digest(file) for file in files if file.is_file()}


_WEIGHTS = "model.safetensors"
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
        RunError: the folder holds a run with other settings or data, or the base or the teacher has other labels.
    """
    codebook = Codebook.load(sources.codebook)
    reserved = Reserved.read(sources.reserved)
    annotations = [
        annotation
        for annotation in read_annotations(sources.annotations, codebook)
        if not reserved.holds(annotation.document, annotation.text)
    ]
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
    further = [] if sources.newsmtsc is None else read_newsmtsc(sources.newsmtsc, "train")
    if sources.newsmtsc is not None:
        development += _development_stances(sources.newsmtsc)
    unlabelled = _unlabelled(sources, settings, codebook, reserved, learned)
    say(
        f"learning from {len(learned)} annotated sentences, {settings.repeat} times each, {len(further)} of NewsMTSC "
        f"and {len(unlabelled)} without labels"
    )
    tutor = None if sources.teacher is None else _tutor(sources.teacher, codebook)
    set_seed(settings.seed)
    model = _network(sources, settings, codebook, encoder)
    if tutor is not None:
        everything = [*learned, *further, *unlabelled]
        if settings.substitutes:
            unlabelled += substitute_names(everything, codebook, settings.substitutes, settings.seed)
            say(f"and {len(unlabelled)} with the copies in which other actors are named")
        if settings.rewordings:
            words = cast(Embedding, model.encoder.get_input_embeddings()).weight
            unlabelled += reword(everything, tokenizer.get_vocab(), words, settings.rewordings, settings.seed)
            say(f"and {len(unlabelled)} with the copies in other words")
        taught = tutor.teach([*learned, *further, *unlabelled], vectors=settings.imitation > 0)
        learned, further = taught[: len(learned)], taught[len(learned) :]
    learned = further + learned * (settings.repeat if further else 1)
    examples = ExampleSet(learned, codebook, sentences, settings.soft_weight)
    if settings.feed_forward is not None:
        narrow(model, settings.feed_forward, _some_batches(examples, settings, model, tokenizer.pad_token_id))
    if tutor is not None and settings.imitation:
        model.imitate(tutor.size, settings.imitation)
    trainer = make_trainer(
        model,
        settings,
        examples,
        ExampleSet(development, codebook, sentences),
        tokenizer.pad_token_id,
        folder / _TRAINER,
    )
    last = get_last_checkpoint(str(folder / _TRAINER)) if (folder / _TRAINER).is_dir() else None
    if last is not None:
        say(f"going on from {last}")
    trainer.train(resume_from_checkpoint=last)
    metrics: dict[str, Any] = {"history": trainer.state.log_history, "development": trainer.evaluate()}
    model.stop_imitating()
    model.save_pretrained(folder / NETWORK)
    say("calibrating and choosing thresholds")
    config = write_config(folder, chosen_by)
    metrics["calibration"] = config.calibration.model_dump()
    metrics["thresholds"] = config.thresholds.model_dump()
    (folder / METRICS).write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    shutil.rmtree(folder / _TRAINER)
    return dict(metrics["development"])


def write_config(folder: Path, chosen_by: Sequence[Annotation]) -> CheckpointConfig:
    """Calibrate the network in a run folder, then choose its thresholds, and write its ``config.json``."""
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
    runtime = RememberingRuntime(TorchRuntime(network))
    calibration = fit_calibration(runtime, tokenizer, codebook, chosen_by)
    config = config.model_copy(update={"calibration": calibration})
    labeller = Labeller(runtime, tokenizer, codebook, config, threads=1)
    config = config.model_copy(update={"thresholds": choose_thresholds(labeller, chosen_by)})
    labeller.close()
    (folder / CONFIG).write_text(config.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return config


def _network(sources: Sources, settings: TrainingSettings, codebook: Codebook, encoder: Encoder) -> FramelineModel:
    """What is trained: a network with fresh heads, or that of the base run."""
    if sources.base is not None:
        Codebook.load(sources.base / CODEBOOK).check_labels(codebook)
        model = FramelineModel.from_pretrained(sources.base / NETWORK, dropout=settings.dropout)
        if model.config.encoder_name != encoder.name:
            raise RunError(
                f"{sources.base} has the encoder {model.config.encoder_name!r}, not {encoder.name!r}; "
                f"name it with --encoder, so that its tokenizer is used"
            )
        model.config.label_smoothing = settings.label_smoothing
        return model
    return FramelineModel.from_encoder(
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


def _some_batches(
    examples: ExampleSet, settings: TrainingSettings, model: FramelineModel, pad_id: int
) -> Iterator[dict[str, Tensor]]:
    """A sample of the batches, spread over all examples."""
    collate = Collator(pad_id, 0.0, model)
    step = max(1, len(examples) // (_SAMPLED * settings.batch_size))
    chosen = range(0, len(examples), step)
    for start in range(0, len(chosen), settings.batch_size):
        yield collate([examples[number] for number in chosen[start : start + settings.batch_size]])


def _tutor(run: Path, codebook: Codebook) -> Teacher:
    tutor = Teacher(run)
    tutor.codebook.check_labels(codebook)
    return tutor


def _unlabelled(
    sources: Sources, settings: TrainingSettings, codebook: Codebook, reserved: Reserved, labelled: Sequence[Example]
) -> list[Example]:
    """Sentences of unlabelled documents, without those that are held out or labelled."""
    if sources.unlabelled and sources.teacher is None:
        raise RunError("nothing can be learned from unlabelled documents without a teacher: give --teacher RUN")
    known = {example.text for example in labelled}
    documents = [
        (record["id"], record["text"])
        for file in sources.unlabelled
        for record in read_corpus(file)
        if part_of(record["id"], settings.seed, settings.held_out) == "train"
    ]
    return [
        example
        for example in read_unlabelled(documents, codebook.language)
        if example.text not in known and not reserved.holds(example.document, example.text)
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
        base=sources.base,
        teacher=sources.teacher,
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
