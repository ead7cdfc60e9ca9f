from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from transformers import EvalPrediction

from model.annotation import Annotation
from model.codebook import Codebook
from model.network import UNKNOWN, FramelineModel
from model.tokens import SentenceTokenizer
from training.batches import ExampleSet
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
    trainer = make_trainer(deepcopy(network).train(training), settings, examples, examples, 0, tmp_path)
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
        trainer = make_trainer(deepcopy(network), settings, examples, chosen_by, 0, tmp_path)
        with pytest.raises(RunError, match="diverged.* lower --learning-rate"):
            trainer.train()


def test_scores_of_no_numbers_are_told() -> None:
    predictions: Any = (np.full((2, 3), np.nan), np.zeros((2, 4)), np.array([[1], [0]]))
    labels: Any = (np.ones((2, 3)), np.ones((2, 4, 3)), np.ones((2, 1, 2)))
    with pytest.raises(RunError, match="diverged"):
        development_scores(EvalPrediction(predictions, labels))


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
    assert development_scores(EvalPrediction(predictions, known)) == {"stances_f1": 1.0, "score": 1.0}
    assert development_scores(EvalPrediction(predictions, unknown)) == {"score": 0.0}
