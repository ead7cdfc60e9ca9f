from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from transformers import EvalPrediction

from model.annotation import Annotation
from model.codebook import Codebook, FrameChoice
from model.network import UNKNOWN, FramelineModel
from model.tokens import SentenceTokenizer
from training.batches import ExampleSet
from training.epoch_progress import EpochProgress
from training.examples import from_annotations
from training.run_folder import RunError
from training.settings import TrainingSettings
from training.trainer import development_scores, make_trainer


@pytest.mark.parametrize("training", [True, False])
def test_the_lists_features_drop_out_of_what_is_learned_from_alone(
    network: FramelineModel,
    codebook: Codebook,
    annotations: list[Annotation],
    run_folder: Path,
    tmp_path: Path,
    training: bool,
) -> None:
    """Whatever mode the network was left in."""
    tokenizer = SentenceTokenizer(run_folder / "tokenizer.json", 24, 6)
    examples = ExampleSet(from_annotations(annotations[:8]), codebook, tokenizer)
    settings = TrainingSettings(list_dropout=1.0, batch_size=8)
    progress = EpochProgress(lambda line: None)
    trainer = make_trainer(deepcopy(network).train(training), settings, examples, examples, 0, tmp_path, progress)
    (learned,), (evaluated,) = trainer.get_train_dataloader(), trainer.get_eval_dataloader()
    assert not learned["list_ids"].any()
    assert evaluated["list_ids"].any()


def test_training_that_diverges_ends_with_what_helps(
    network: FramelineModel, codebook: Codebook, annotations: list[Annotation], run_folder: Path, tmp_path: Path
) -> None:
    tokenizer = SentenceTokenizer(run_folder / "tokenizer.json", 24, 6)
    examples = ExampleSet(from_annotations(annotations[:8]), codebook, tokenizer)
    settings = TrainingSettings(learning_rate=1e30, batch_size=2, warmup=0)
    for chosen_by in (None, examples):
        progress = EpochProgress(lambda line: None)
        trainer = make_trainer(deepcopy(network), settings, examples, chosen_by, 0, tmp_path, progress)
        with progress, pytest.raises(RunError, match="diverged.* lower --learning-rate"):
            trainer.train()


def test_each_epoch_has_its_loss_and_scores_and_nothing_else_is_shown(
    network: FramelineModel,
    codebook: Codebook,
    annotations: list[Annotation],
    run_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("training.progress._EVERY", 0.0)
    tokenizer = SentenceTokenizer(run_folder / "tokenizer.json", 24, 6)
    examples = ExampleSet(from_annotations(annotations[:8]), codebook, tokenizer)
    said: list[str] = []
    progress = EpochProgress(said.append)
    settings = TrainingSettings(batch_size=4, epochs=2)
    trainer = make_trainer(deepcopy(network), settings, examples, examples, 0, tmp_path, progress)
    with progress:
        trainer.train()
    scores = trainer.evaluate()
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    assert said[0:4:2] == [f"epoch {number} of 2: loss {loss:.3f}" for number, loss in enumerate(losses, start=1)]
    assert [line.partition(" 0.")[0] for line in (said[1], *said[3:])] == [
        "epoch 1 of 2: score",
        "epoch 2 of 2: score",
        "what is kept: score",
    ]
    assert said[4].startswith(f"what is kept: score {scores['eval_score']:.3f}, frames average precision ")
    shown = capfd.readouterr()
    assert shown.out == ""
    lines = shown.err.splitlines()
    assert lines[1].startswith(f"epoch 1 of 2: 2 of 4, loss {losses[0]:.3f}, 0:")
    assert lines[-1] == "epoch 2 of 2: 4 of 4, measuring 1 of 1, 0:00:00 left"
    assert len(lines) == 6


def test_scores_of_no_numbers_are_told() -> None:
    predictions: Any = (np.full((2, 3), np.nan), np.zeros((2, 4)), np.array([[1], [0]]))
    labels: Any = (np.ones((2, 3)), np.ones((2, 4, 3)), np.ones((2, 1, 2)))
    with pytest.raises(RunError, match="diverged"):
        development_scores(EvalPrediction(predictions, labels), "any")


@pytest.mark.parametrize(
    "name", [name for name, field in TrainingSettings.model_fields.items() if field.annotation in (float, float | None)]
)
def test_no_setting_is_infinite(name: str) -> None:
    for value in (float("inf"), float("nan")):
        with pytest.raises(ValidationError, match="finite number"):
            TrainingSettings.model_validate({name: value})


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_is_one_that_numpy_takes(seed: int) -> None:
    with pytest.raises(ValidationError, match="seed"):
        TrainingSettings(seed=seed)


def test_frames_without_labels_are_no_zero_among_the_scores() -> None:
    predictions: Any = (np.zeros((2, 3)), np.zeros((2, 4)), np.array([[1], [0]]))
    unknown: Any = (np.full((2, 3), UNKNOWN), np.full((2, 4, 3), UNKNOWN), np.full((2, 1, 2), UNKNOWN))
    known: Any = (*unknown[:2], np.array([[[0.0, 1.0]], [[1.0, 0.0]]]))
    assert development_scores(EvalPrediction(predictions, known), "any") == {"stances_f1": 1.0, "score": 1.0}
    assert development_scores(EvalPrediction(predictions, unknown), "any") == {"score": 0.0}


@pytest.mark.parametrize(("choice", "expected"), [("at_most_one", 1.0), ("exactly_one", 0.5)])
def test_frames_that_exclude_each_other_are_ranked_by_the_probabilities_that_are_given(
    choice: FrameChoice, expected: float
) -> None:
    """Of a sentence without a frame only having none says that its likeliest frame is not likely."""
    logits = np.array([[5.0, 4.0], [-6.0, -9.0], [4.0, 5.0], [-9.0, -6.0]])
    gold = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    unknown = np.full((4, 1, 2), UNKNOWN)
    predictions: Any = (logits, np.zeros((4, 1)), np.zeros((4, 1)))
    labels: Any = (gold, np.full((4, 1, 3), UNKNOWN), unknown)
    found = development_scores(EvalPrediction(predictions, labels), choice)
    assert found["frames_average_precision"] == pytest.approx(expected)
