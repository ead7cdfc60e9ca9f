"""What follows on the training of a network: calibration, thresholds and what they yield."""

from collections.abc import Sequence
from pathlib import Path

from model.annotation import Annotation
from model.checkpoint import CODEBOOK, CONFIG, TOKENIZER, Calibration, CheckpointConfig, Thresholds
from model.codebook import Codebook
from model.labeller import Labeller
from model.network import FramelineModel
from model.tokens import SentenceTokenizer
from training.base import Base
from training.calibration import fit_calibration
from training.evaluation import Evaluation, Labelled, label_annotations, measure_labelled
from training.marking import actors_marked
from training.remembering_runtime import RememberingRuntime
from training.thresholds import choose_thresholds


def start_config(
    folder: Path, network: FramelineModel, codebook: Codebook, model: Base | None, *, actors: bool
) -> CheckpointConfig:
    """How the network labels before anything is fitted; where no actors are marked to fit by, it stays so.

    Args:
        folder: the run folder.
        network: the network.
        codebook: the labelling schema.
        model: the teacher or the base by which it judges actors, if that knows the stances.
        actors: whether actors are learned from annotations; without them and without such a model it gives none.
    """
    thresholds = Thresholds(frames=dict.fromkeys(codebook.frame_ids, 0.5))
    temperature = 1.0
    if model is not None and model.has_stances(codebook):
        found = model.config.thresholds
        thresholds = thresholds.model_copy(update={"mention": found.mention, "listed": found.listed})
        temperature = model.config.calibration.temperature
    elif not actors:
        thresholds = thresholds.model_copy(update={"mention": 1.0, "listed": 1.0})
    return CheckpointConfig(
        name=folder.resolve().name,
        version="0",
        encoder=network.config.encoder_name,
        window=network.config.window,
        overlap=network.config.overlap,
        thresholds=thresholds,
        calibration=Calibration(temperature=temperature),
    )


def finish(
    folder: Path,
    runtime: RememberingRuntime,
    start: CheckpointConfig,
    chosen_by: Sequence[Sequence[Annotation]],
    *,
    actors: bool,
) -> tuple[CheckpointConfig, Evaluation, list[Labelled]]:
    """Calibrate a network, then choose its thresholds, write its ``config.json`` and measure it with them.

    Args:
        folder: the run folder.
        runtime: what runs the network.
        start: how it labels before.
        chosen_by: sets of development sentences; one in which nobody has marked actors says nothing of mentions.
        actors: whether actors are learned; if not, what ``start`` has for them stays.
    """
    codebook = Codebook.load(folder / CODEBOOK)
    tokenizer = SentenceTokenizer(folder / TOKENIZER, start.window, start.overlap)
    every = [one for part in chosen_by for one in part]
    marked = [one for part in chosen_by for one, says in zip(part, actors_marked(part), strict=True) if actors and says]
    fitted = fit_calibration(runtime, tokenizer, codebook, every)
    calibration = fitted if marked else fitted.model_copy(update={"temperature": start.calibration.temperature})
    config = start.model_copy(update={"calibration": calibration})
    labeller = Labeller(runtime, tokenizer, codebook, config, threads=1)
    config = config.model_copy(update={"thresholds": choose_thresholds(labeller, every, marked)})
    labeller.close()
    (folder / CONFIG).write_text(config.model_dump_json(indent=2) + "\n", encoding="utf-8")
    labeller = Labeller(runtime, tokenizer, codebook, config, threads=1)
    rows = [row for part in chosen_by for row in label_annotations(labeller, part)]
    evaluation = measure_labelled(labeller, rows, "development")
    labeller.close()
    return config, evaluation, rows


def development_f1(evaluation: Evaluation) -> dict[str, float]:
    """The macro F1 of each kind of label that has any."""
    return {
        f"{section.title.split()[0].lower()}_f1": section.macro.f1
        for section in evaluation.sections
        if section.macro.support
    }
