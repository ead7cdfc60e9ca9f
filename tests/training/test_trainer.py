from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from transformers import EvalPrediction

from model.annotation import Annotation
from model.codebook import Codebook
from model.network import UNKNOWN, FramelineModel
from model.tokens import SentenceTokenizer
from training.batches import ExampleSet
from training.examples import from_annotations
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


def test_frames_without_labels_are_no_zero_among_the_scores() -> None:
    predictions: Any = (np.zeros((2, 3)), np.zeros((2, 4)), np.array([[1], [0]]))
    unknown: Any = (np.full((2, 3), UNKNOWN), np.full((2, 4, 3), UNKNOWN), np.full((2, 1, 2), UNKNOWN))
    known: Any = (*unknown[:2], np.array([[[0.0, 1.0]], [[1.0, 0.0]]]))
    assert development_scores(EvalPrediction(predictions, known)) == {"stances_f1": 1.0, "score": 1.0}
    assert development_scores(EvalPrediction(predictions, unknown)) == {"score": 0.0}
