"""One training run: a folder that holds all that went in and all that came out."""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from model import atomic
from model.annotation import Annotation, read_annotations
from model.checkpoint import TOKENIZER, CheckpointConfig
from model.codebook import Codebook
from model.tokens import SentenceTokenizer
from model.version import METRICS
from training.augmentation import reword, substitute_names
from training.base import Base
from training.claim import claim
from training.cross_validation import cross_validate
from training.distillation import Teacher
from training.evaluation import Evaluation, frame_bins
from training.examples import Example
from training.finishing import development_f1, finish, start_config
from training.fitting import Fit, Fitter
from training.lessons import Lessons
from training.material import Material
from training.newsmtsc import check_stances
from training.remembering_runtime import RememberingRuntime
from training.reserved import Reserved
from training.run_folder import NETWORK, REPORT, RunRecord, write_record
from training.settings import TrainingSettings
from training.settings_check import check_settings
from training.sources import Sources
from training.splits import split_documents
from training.starting_point import StartingPoint
from training.torch_runtime import TorchRuntime
from training.training_report import TrainingReport, render_report

_TRAINER = "trainer"


def train(sources: Sources, settings: TrainingSettings, folder: Path, say: Callable[[str], None]) -> None:
    """Train a network; with the same arguments an interrupted run goes on where its last epoch ended.

    Where no annotated sentence has an actor, nobody has marked them: then annotations teach frames alone. The other
    heads learn from the teacher, or without one from a base with the same stances, so that they stay as they are.

    Args:
        sources: the data.
        settings: the settings.
        folder: the run folder, made where it is not there.
        say: takes a line about what happens, and at the end about what the network is worth.

    Raises:
        RunError: the folder holds a run with other settings or data, or the base or the teacher has other labels.
        EncoderError: the encoder is not there, or cannot be read.
    """
    codebook = Codebook.load(sources.codebook)
    if sources.newsmtsc is not None:
        check_stances(codebook)
    reserved = Reserved.read(sources.reserved)
    every = read_annotations(sources.annotations, codebook, by_somebody=True)
    annotations = reserved.without(every)
    start = StartingPoint.open(sources, settings, codebook)
    material = Material.divide(annotations, reserved, sources, settings, codebook)
    record = _begin(sources, settings, folder, start, material)
    for doubt in _doubts(material, len(every)):
        say(doubt)
    start.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
    tokenizer = SentenceTokenizer(folder / TOKENIZER, settings.window, settings.overlap)
    lessons = Lessons.gather(material, sources, settings, codebook, start.base, actors=record.actors)
    _note_further(folder, record, lessons, material)
    say(f"learning from {lessons}")
    cut = lessons.cut(tokenizer)
    if cut:
        say(f"of {cut} of them only the first {settings.window} tokens (one window) are learned from")
    fitter = Fitter(
        settings=settings,
        codebook=codebook,
        encoder=start.encoder,
        base=start.base,
        tutor=None if sources.teacher is None else _tutor(sources.teacher, codebook, compiled=settings.compiled),
        tokenizer=tokenizer,
        pad_id=start.tokenizer.pad_token_id,
        say=say,
    )
    fitter.check()
    learned, further = _teach(lessons, fitter, start, actors=record.actors)
    chosen_by, development = material.chosen_by, material.development(actors=record.actors)
    judge: RememberingRuntime | None = None
    folds: list[list[dict[str, Any]]] = []
    if settings.folds:
        chosen_by, development = [material.unseen], []
        judge, folds = cross_validate(fitter, material.unseen, learned, further, lessons.times, folder / _TRAINER)
        say("all folds together")
    fit = fitter.fit(further + learned * lessons.times, development, folder / _TRAINER / "last")
    fit.network.save_pretrained(folder / NETWORK)
    say("calibrating and choosing thresholds")
    like = start.base if sources.teacher is None else Base.open(sources.teacher)
    config = start_config(folder, fit.network, codebook, like, actors=record.actors)
    runtime = RememberingRuntime(TorchRuntime(fit.network)) if judge is None else judge
    config, evaluation, rows = finish(folder, runtime, config, chosen_by, actors=record.actors)
    report = TrainingReport(
        record=record,
        codebook=codebook,
        config=config,
        annotations=[*annotations, *material.supplements],
        history=fit.history,
        folds=folds,
        evaluation=evaluation,
        diagrams={frame.id: frame_bins(rows, frame.id) for frame in codebook.frames},
    )
    (folder / REPORT).write_text(render_report(report), encoding="utf-8")
    metrics = _metrics(fit, folds, config, evaluation)
    atomic.write(folder / METRICS, f"{json.dumps(metrics, indent=2)}\n".encode())
    shutil.rmtree(folder / _TRAINER)
    say(_outcome(evaluation))


def _begin(
    sources: Sources, settings: TrainingSettings, folder: Path, start: StartingPoint, material: Material
) -> RunRecord:
    """Check the run, and make the folder its own."""
    data = sources.checksums(start.encoder, [*material.polarities, *material.polarities_apart])
    record = _record(sources, settings, data, material)
    check_settings(record, sources)
    material.check(record)
    record = record.model_copy(update={"documents": {**record.documents, "train": material.taken}})
    claim(folder, record, sources.codebook)
    return record


def _record(sources: Sources, settings: TrainingSettings, data: dict[str, str], material: Material) -> RunRecord:
    seen = material.ancestry.seen
    annotated = {annotation.document for annotation in material.annotations}
    documents = split_documents(annotated, settings.seed, settings.held_out, seen)
    return RunRecord(
        settings=settings,
        data=data,
        annotations=sources.annotations,
        supplements=sources.supplements,
        newsmtsc=sources.newsmtsc,
        base=sources.base,
        teacher=sources.teacher,
        actors=any(annotation.actors for annotation in material.annotations),
        documents={name: tuple(found) for name, found in documents.items()},
        chosen_by=_documents(material.choosing),
        seen=tuple(sorted(document for document in annotated if document in seen)),
    )


def _doubts(material: Material, given: int) -> Iterator[str]:
    """What somebody should know of the data, ``given`` annotated sentences, before the training begins; a line each."""
    if len(material.annotations) < given:
        yield (
            f"{given - len(material.annotations)} of {given} sentences are left out: --reserved has their documents, "
            "or the same words"
        )
    yield from material.ancestry.doubts()
    if material.left_out:
        yield (
            f"{material.left_out} of {material.left_out + len(material.choosing)} sentences of --development choose "
            "nothing: the base or the teacher was trained on their documents, or they are in the test part"
        )


def _note_further(folder: Path, record: RunRecord, lessons: Lessons, material: Material) -> None:
    """Add to the record the documents of corpora that are not annotated under the codebook, and write what was seen."""
    further = _documents([*lessons.corpus, *lessons.unlabelled])
    chosen_by = tuple(sorted({*record.chosen_by, *_documents(material.polarities_apart)}))
    whole = record.model_copy(update={"further": further, "chosen_by": chosen_by})
    write_record(folder, whole)
    (material.ancestry.record | whole.learned).write(folder)


def _documents(sentences: Sequence[Annotation | Example]) -> tuple[str, ...]:
    return tuple(sorted({sentence.document for sentence in sentences}))


def _tutor(run: Path, codebook: Codebook, *, compiled: bool) -> Teacher:
    tutor = Teacher(Base.open(run), compiled=compiled)
    tutor.codebook.check_labels(codebook)
    return tutor


def _teach(
    lessons: Lessons, fitter: Fitter, start: StartingPoint, *, actors: bool
) -> tuple[list[Example], list[Example]]:
    """What is learned: the annotated sentences, and all others with the copies, each with what a teacher says of it."""
    settings, say = fitter.settings, fitter.say
    annotated, unlabelled = lessons.annotated, lessons.unlabelled
    copied = [*annotated, *lessons.corpus]
    further = [*lessons.corpus, *lessons.supplements]
    if settings.substitutes:
        copies = substitute_names(copied, fitter.codebook, settings.substitutes, settings.seed)
        say(f"and {len(copies)} copies in which other actors are named")
        further += copies
    if fitter.tutor is not None:
        if settings.rewordings:
            vocabulary, words = start.tokenizer.get_vocab(), fitter.word_embeddings()
            unlabelled = unlabelled + reword(copied, vocabulary, words, settings.rewordings, settings.seed)
            say(f"and {len(unlabelled)} with the copies in other words")
        if not actors:
            say(f"no actors are marked: actors and stances are learned from {fitter.tutor.name} and given as it does")
        taught = fitter.tutor.teach([*annotated, *further, *unlabelled], vectors=settings.imitation > 0)
    elif not actors:
        taught = _frames_alone(start.base, fitter.codebook, [*annotated, *further], say)
    else:
        taught = [*annotated, *further]
    return taught[: len(annotated)], taught[len(annotated) :]


def _frames_alone(
    base: Base | None, codebook: Codebook, learned: list[Example], say: Callable[[str], None]
) -> list[Example]:
    """What is learned where nobody has marked actors; a base that knows the stances keeps what it says of them."""
    if base is not None and base.has_stances(codebook):
        say(f"no actors are marked: frames are learned, actors and stances stay as {base.config.name} has them")
        return Teacher(base).keep_actors(learned)
    say("no actors are marked, and no base knows these stances: the model will give frames and find no actors")
    return learned


def _outcome(evaluation: Evaluation) -> str:
    measured = [
        f"{section.title[0].lower()}{section.title[1:]}, {'macro ' if len(section.scores) > 1 else ''}F1 "
        f"{section.macro.f1:.3f}"
        for section in evaluation.sections
        if section.macro.support
    ]
    return f"measured on {evaluation.sentences:,} sentences that were not learned from: {'; '.join(measured)}"


def _metrics(
    fit: Fit, folds: list[list[dict[str, Any]]], config: CheckpointConfig, evaluation: Evaluation
) -> dict[str, Any]:
    return {
        "history": fit.history,
        "folds": folds,
        "stance_biases": fit.biases,
        "development": fit.development or development_f1(evaluation),
        "calibration": config.calibration.model_dump(),
        "thresholds": config.thresholds.model_dump(),
        "evaluation": evaluation.model_dump(mode="json"),
    }
