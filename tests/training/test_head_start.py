from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest
import torch

from model.annotation import Annotation
from model.codebook import Codebook, FrameChoice
from model.decoding import frame_probabilities, one_frame
from model.network import FramelineModel
from model.tokens import SentenceTokenizer
from training.batches import Collator, ExampleSet
from training.examples import from_annotations
from training.fitting import Fitter
from training.head_start import start_frame_head
from training.settings import TrainingSettings


def started(
    network: FramelineModel, rows: list[Annotation], codebook: Codebook, run_folder: Path, choice: FrameChoice
) -> tuple[torch.Tensor, torch.Tensor]:
    """The frame logits of sentences by a network whose head they have started, and which frames they have."""
    examples = ExampleSet(from_annotations(rows), codebook, SentenceTokenizer(run_folder / "tokenizer.json", 24, 6))
    start_frame_head(network, examples, 0, choice)
    batch = Collator(0)([examples[number] for number in range(len(examples))])
    inputs = {name: batch[name] for name in ("input_ids", "shape_ids", "list_ids", "attention_mask")}
    with torch.inference_mode():
        return network.eval()(**inputs).frames, batch["frame_labels"] > 0.5


@pytest.mark.parametrize("choice", ["any", "at_most_one"])
def test_a_head_start_knows_the_sentences_before_any_training(
    network: FramelineModel, codebook: Codebook, annotations: list[Annotation], run_folder: Path, choice: FrameChoice
) -> None:
    fresh = deepcopy(network)
    rows = [
        *annotations[:20],
        *(one.model_copy(update={"text": "ally paid late", "frames": ()}) for one in annotations[:8]),
    ]
    logits, gold = started(fresh, rows, codebook, run_folder, choice)
    found = logits > 0
    if choice == "at_most_one":  # the logit of no frame is 0, and the largest wins
        found = (logits == logits.max(dim=-1, keepdim=True).values) & (logits > 0)
    assert torch.equal(found, gold)
    assert torch.equal(fresh.stance_head.weight, network.stance_head.weight)


@pytest.mark.parametrize(("choice", "frames"), [("exactly_one", 2), ("at_most_one", 2), ("at_most_one", 1)])
def test_a_head_start_knows_which_of_two_a_sentence_has(
    network: FramelineModel,
    codebook: Codebook,
    annotations: list[Annotation],
    run_folder: Path,
    choice: FrameChoice,
    frames: int,
) -> None:
    """Two frames, or one frame and none, which have one row of coefficients."""
    fresh = deepcopy(network)
    fresh.frame_head = torch.nn.Linear(fresh.frame_head.in_features, frames)
    torch.nn.init.zeros_(fresh.frame_head.weight)
    own = codebook.model_copy(update={"frames": codebook.frames[:frames], "frames_per_sentence": choice})
    rows = [
        one.model_copy(update={"frames": tuple(name for name in one.frames if name in own.frame_ids)})
        for one in annotations[:20]
    ]
    logits, _ = started(fresh, rows, own, run_folder, choice)
    probabilities = frame_probabilities(logits.numpy(), choice=choice)
    found = [one_frame(row, choice) for row in probabilities]
    assert found == [[frame in row.frames for frame in own.frame_ids] for row in rows]


def test_frames_that_the_base_knows_keep_their_logits(
    network: FramelineModel, codebook: Codebook, annotations: list[Annotation], run_folder: Path
) -> None:
    fresh = deepcopy(network)
    tokenizer = SentenceTokenizer(run_folder / "tokenizer.json", 24, 6)
    examples = ExampleSet(from_annotations(annotations[:20]), codebook, tokenizer)
    fresh.train()
    start_frame_head(fresh, examples, 0, "any", {1})
    assert fresh.training
    moved = (fresh.frame_head.weight != network.frame_head.weight).any(dim=1).tolist()
    assert moved == [number == 1 for number in range(len(codebook.frames))]


@pytest.mark.parametrize(("choice", "expected"), [("any", {0}), ("one", {0, 1})])
def test_new_frames_are_those_that_the_base_lacks(codebook: Codebook, choice: FrameChoice, expected: set[int]) -> None:
    wanted = codebook.model_copy(update={"frames": codebook.frames[:2], "frames_per_sentence": choice})
    known = codebook.model_copy(update={"frames": codebook.frames[1:2]})
    fitter = Fitter(
        settings=TrainingSettings(),
        codebook=wanted,
        encoder=Mock(),
        base=Mock(codebook=known),
        tutor=None,
        tokenizer=Mock(),
        pad_id=0,
        say=print,
    )
    assert fitter._new_frames() == expected
    assert replace(fitter, base=None)._new_frames() == {0, 1}
    assert replace(fitter, base=Mock(codebook=wanted))._new_frames() == set()
