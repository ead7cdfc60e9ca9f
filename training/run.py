"""One training run: a folder that holds all that went in and all that came out."""

import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer

from model import atomic
from model.annotation import Annotation, read_annotations
from model.checkpoint import TOKENIZER
from model.codebook import Codebook
from model.seen import Seen
from model.standoff import read_corpus
from model.tokens import SentenceTokenizer
from training.augmentation import reword, substitute_names
from training.base import Base
from training.claim import claim
from training.cross_validation import check_folds, cross_validate
from training.distillation import Teacher, draw_named, least_sure, read_unlabelled
from training.encoders import find_encoder, reading
from training.evaluation import frame_bins
from training.examples import Example, from_annotations
from training.finishing import development_f1, finish, start_config
from training.fitting import Fitter, check_encoder
from training.newsmtsc import check_stances, read_newsmtsc, with_polarities
from training.remembering_runtime import RememberingRuntime
from training.reserved import Reserved, words_digest
from training.run_folder import METRICS, NETWORK, REPORT, RunError, RunRecord, part, write_record
from training.seen import trace
from training.settings import TrainingSettings
from training.settings_check import check_settings
from training.sources import Sources
from training.splits import part_of, split_documents
from training.torch_runtime import TorchRuntime
from training.training_report import TrainingReport, render_report

_TRAINER = "trainer"


def train(sources: Sources, settings: TrainingSettings, folder: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Train a network; with the same arguments an interrupted run goes on where its last epoch ended.

    Where no annotated sentence has an actor, nobody has marked them: then frames alone are learned, and a base with
    the same stances teaches the other heads to stay as they are.

    Args:
        sources: the data.
        settings: the settings.
        folder: the run folder, made where it is not there.
        say: takes a line about what happens.

    Returns:
        The development scores, which also stand in the folder's ``metrics.json``.

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
    base = None if sources.base is None else Base.open(sources.base, settings.encoder)
    encoder = find_encoder(settings.encoder)
    with reading(encoder):
        tokenizer = AutoTokenizer.from_pretrained(encoder.source)
        if len(tokenizer) <= len(tokenizer.all_special_ids):  # transformers makes an empty one where there is none
            raise FileNotFoundError("it has no tokenizer")
    if base is not None:
        check_encoder(base, encoder)
        if settings.base_share and not (base.has_frames(codebook) and base.has_stances(codebook)):
            raise RunError("--base-share is for a base with the same frames and stances: leave it out")
    choosing = read_annotations(sources.development, codebook, by_somebody=True)
    if len(reserved.without(choosing)) < len(choosing):
        raise RunError("sentences of --development are reserved: what is measured on must not choose; leave them out")
    ancestry = trace(sources.base, sources.teacher)
    seen = ancestry.seen
    given = len(choosing)
    measured = Reserved().also(part(annotations, "test", settings, seen))
    choosing = [one for one in measured.without(choosing) if one.document not in seen]
    held_out = part(annotations, "development", settings, seen)
    chosen_by = [*held_out, *choosing]
    apart = reserved.also([*chosen_by, *part(annotations, "test", settings, seen)])
    polarities: list[Example] = []
    polarities_apart: list[Example] = []
    if sources.newsmtsc is not None:
        polarities = read_newsmtsc(sources.newsmtsc, "train")
        polarities_apart = _development_stances(sources.newsmtsc)
        apart = apart.also(polarities_apart, documents=False)
    supplements = apart.without(read_annotations(sources.supplements, codebook, by_somebody=True))
    kept = apart.without(part(annotations, "train", settings, seen))
    data = sources.checksums(encoder, [*polarities, *polarities_apart])
    record = _record(sources, settings, data, annotations, choosing, seen)
    check_settings(record, sources)
    if not kept:
        raise RunError("every sentence that is left to learn from stands in a held-out document, too: annotate others")
    unseen = _once(annotation for annotation in kept if annotation.document not in seen)
    if settings.folds and record.seen and len({one.document for one in unseen}) < settings.folds:
        raise RunError(
            f"the base or the teacher was trained on {len(record.seen)} of the annotated documents, and the others are "
            f"too few for --folds {settings.folds}, which judges sentences that no network has seen: give "
            "--development FILE with other documents, or a --base and a --teacher that were not trained on these"
        )
    check_folds(unseen, settings.folds)
    taken = tuple(sorted({one.document for one in (*kept, *supplements)}))
    record = record.model_copy(update={"documents": {**record.documents, "train": taken}})
    claim(folder, record, sources.codebook)
    for doubt in ancestry.doubts():
        say(doubt)
    if len(annotations) < len(every):
        say(
            f"{len(every) - len(annotations)} of {len(every)} sentences are left out: --reserved has their documents, "
            "or the same words"
        )
    if len(choosing) < given:
        say(
            f"{given - len(choosing)} of {given} sentences of --development choose nothing: the base or the teacher "
            "was trained on their documents, or they are in the test part"
        )
    tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
    sentences = SentenceTokenizer(folder / TOKENIZER, settings.window, settings.overlap)

    def examples(of: Sequence[Annotation], actors: bool) -> list[Example]:
        return with_polarities(from_annotations(of, actors=actors), polarities)

    learned = examples(kept, record.actors)
    supplement, chosen = (
        examples(of, record.actors and any(one.actors for one in of)) for of in (supplements, choosing)
    )
    development = [examples(held_out, record.actors), chosen, polarities_apart]
    further = apart.without(_without([*annotations, *supplements], polarities))
    unlabelled = _unlabelled(sources, settings, codebook, base, apart, [*learned, *further, *supplement])
    _note_further(folder, record, [*further, *unlabelled], polarities_apart, ancestry.record)
    times = settings.repeat if further or supplement else 1
    say(
        f"learning from {len(learned)} annotated sentences, {times} times each, "
        + (f"{len(supplement)} of supplements, " if supplement else "")
        + f"{len(further)} of NewsMTSC and {len(unlabelled)} without labels"
    )
    cut = _cut([*learned, *supplement, *further, *unlabelled], sentences)
    if cut:
        say(f"of {cut} of them only the first {settings.window} tokens (one window) are learned from")
    copied = [*learned, *further]
    further += supplement
    tutor = None if sources.teacher is None else _tutor(sources.teacher, codebook, compiled=settings.compiled)
    fitter = Fitter(
        settings=settings,
        codebook=codebook,
        encoder=encoder,
        base=base,
        tutor=tutor,
        tokenizer=sentences,
        pad_id=tokenizer.pad_token_id,
        say=say,
    )
    fitter.check()
    if settings.substitutes:
        copies = substitute_names(copied, codebook, settings.substitutes, settings.seed)
        say(f"and {len(copies)} copies in which other actors are named")
        further += copies
    if tutor is not None:
        if settings.rewordings:
            vocabulary, words = tokenizer.get_vocab(), fitter.word_embeddings()
            unlabelled += reword(copied, vocabulary, words, settings.rewordings, settings.seed)
            say(f"and {len(unlabelled)} with the copies in other words")
        taught = tutor.teach([*learned, *further, *unlabelled], vectors=settings.imitation > 0)
    elif not record.actors:
        taught = _frames_alone(base, codebook, [*learned, *further], say)
    else:
        taught = [*learned, *further]
    learned, further = taught[: len(learned)], taught[len(learned) :]
    judge: RememberingRuntime | None = None
    folds: list[list[dict[str, Any]]] = []
    if settings.folds:
        chosen_by, development = unseen, []
        judge, folds = cross_validate(fitter, chosen_by, learned, further, times, folder / _TRAINER)
        say("all folds together")
    everything = further + learned * times
    fit = fitter.fit(everything, development, folder / _TRAINER / "last")
    fit.network.save_pretrained(folder / NETWORK)
    say("calibrating and choosing thresholds")
    start = start_config(folder, fit.network, codebook, base, actors=record.actors)
    runtime = RememberingRuntime(TorchRuntime(fit.network)) if judge is None else judge
    config, evaluation, rows = finish(folder, runtime, start, chosen_by, actors=record.actors)
    metrics: dict[str, Any] = {
        "history": fit.history,
        "folds": folds,
        "stance_biases": fit.biases,
        "development": fit.development or development_f1(evaluation),
        "calibration": config.calibration.model_dump(),
        "thresholds": config.thresholds.model_dump(),
        "evaluation": evaluation.model_dump(mode="json"),
    }
    diagrams = {frame.id: frame_bins(rows, frame.id) for frame in codebook.frames}
    report = TrainingReport(
        record=record,
        codebook=codebook,
        config=config,
        annotations=[*annotations, *supplements],
        history=fit.history,
        folds=folds,
        evaluation=evaluation,
        diagrams=diagrams,
    )
    (folder / REPORT).write_text(render_report(report), encoding="utf-8")
    atomic.write(folder / METRICS, f"{json.dumps(metrics, indent=2)}\n".encode())
    shutil.rmtree(folder / _TRAINER)
    return dict(metrics["development"])


def _frames_alone(
    base: Base | None, codebook: Codebook, learned: list[Example], say: Callable[[str], None]
) -> list[Example]:
    """What is learned where nobody has marked actors; a base that knows the stances keeps what it says of them."""
    if base is not None and base.has_stances(codebook):
        say(f"no actors are marked: frames are learned, actors and stances stay as {base.config.name} has them")
        return Teacher(base).keep_actors(learned)
    say("no actors are marked, and no base knows these stances: the model will give frames and find no actors")
    return learned


def _tutor(run: Path, codebook: Codebook, *, compiled: bool) -> Teacher:
    tutor = Teacher(Base.open(run), compiled=compiled)
    tutor.codebook.check_labels(codebook)
    return tutor


def _unlabelled(
    sources: Sources,
    settings: TrainingSettings,
    codebook: Codebook,
    base: Base | None,
    apart: Reserved,
    labelled: Sequence[Example],
) -> list[Example]:
    """Sentences of unlabelled documents, without those that are held out or labelled."""
    if sources.unlabelled and sources.teacher is None:
        raise RunError("nothing can be learned from unlabelled documents without a teacher: give --teacher RUN")
    known = {words_digest(example.text) for example in labelled}
    documents = [
        (record["id"], record["text"])
        for file in sources.unlabelled
        for record in read_corpus(file)
        if part_of(record["id"], settings.seed, settings.held_out) == "train"
    ]
    read = read_unlabelled(documents, codebook.language)
    found = apart.without(example for example in read if words_digest(example.text) not in known)
    if settings.most_unlabelled is None:
        return found
    if base is None:
        return draw_named(found, settings.most_unlabelled, codebook, settings.seed)
    return least_sure(found, settings.most_unlabelled, Teacher(base, compiled=settings.compiled))


def _once(annotations: Iterable[Annotation]) -> list[Annotation]:
    """The first of each sentence's copies: one answer is remembered for all, and they may stand in several folds."""
    first: dict[str, Annotation] = {}
    for annotation in annotations:
        first.setdefault(words_digest(annotation.text), annotation)
    return list(first.values())


def _cut(examples: Iterable[Example], tokenizer: SentenceTokenizer) -> int:
    """How many sentences do not fit into one window."""
    return sum(len(tokenizer(example.text, []).windows) > 1 for example in examples)


def _without(annotations: Sequence[Annotation], further: Sequence[Example]) -> list[Example]:
    """The sentences of a further corpus that are not annotated under the codebook, which says more of them."""
    annotated = {words_digest(annotation.text) for annotation in annotations}
    return [example for example in further if words_digest(example.text) not in annotated]


def _development_stances(newsmtsc: str) -> list[Example]:
    return [example for name in ("rw_dev", "mt_dev") for example in read_newsmtsc(newsmtsc, name)]


def _record(
    sources: Sources,
    settings: TrainingSettings,
    data: dict[str, str],
    annotations: Sequence[Annotation],
    choosing: Sequence[Annotation],
    seen: Seen,
) -> RunRecord:
    annotated = {annotation.document for annotation in annotations}
    documents = split_documents(annotated, settings.seed, settings.held_out, seen)
    return RunRecord(
        settings=settings,
        data=data,
        annotations=sources.annotations,
        supplements=sources.supplements,
        newsmtsc=sources.newsmtsc,
        base=sources.base,
        teacher=sources.teacher,
        actors=any(annotation.actors for annotation in annotations),
        documents={name: tuple(found) for name, found in documents.items()},
        chosen_by=tuple(sorted({annotation.document for annotation in choosing})),
        seen=tuple(sorted(document for document in annotated if document in seen)),
    )


def _note_further(
    folder: Path, record: RunRecord, learned: Sequence[Example], choosing: Sequence[Example], before: Seen
) -> None:
    """Add to the record the documents of corpora that are not annotated under the codebook, and write what was seen."""
    further = tuple(sorted({example.document for example in learned}))
    chosen_by = tuple(sorted({*record.chosen_by, *(example.document for example in choosing)}))
    whole = record.model_copy(update={"further": further, "chosen_by": chosen_by})
    write_record(folder, whole)
    (before | whole.learned).write(folder)
