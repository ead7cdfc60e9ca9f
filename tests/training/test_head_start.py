from copy import deepcopy
from pathlib import Path

import pytest
import torch

from model.annotation import Annotation
from model.codebook import Codebook, FrameChoice
from model.network import FramelineModel
from model.tokens import SentenceTokenizer
from training.batches import Collator, ExampleSet
from training.examples import from_annotations
from training.head_start import start_frame_head


@pytest.mark.parametrize("choice", ["any", "at_most_one"])
def test_a_head_start_knows_the_sentences_before_any_training(
    network: FramelineModel, codebook: Codebook, annotations: list[Annotation], run_folder: Path, choice: FrameChoice
) -> None:
    fresh = deepcopy(network)
    rows = [
        *annotations[:20],
        *(one.model_copy(update={"text": "ally paid late", "frames": ()}) for one in annotations[:8]),
    ]
    tokenizer = SentenceTokenizer(run_folder / "tokenizer.json", 24, 6)
    examples = ExampleSet(from_annotations(rows), codebook, tokenizer)
    start_frame_head(fresh, examples, 0, choice)
    batch = Collator(0, 0.0, fresh)([examples[number] for number in range(len(examples))])
    inputs = {name: batch[name] for name in ("input_ids", "shape_ids", "list_ids", "attention_mask")}
    with torch.inference_mode():
        found = fresh.eval()(**inputs).frames > 0
    if choice == "at_most_one":  # the logit of no frame is 0, and the largest wins
        logits = fresh(**inputs).frames
        found = (logits == logits.max(dim=-1, keepdim=True).values) & (logits > 0)
    assert torch.equal(found, batch["frame_labels"] > 0.5)
    assert torch.equal(fresh.stance_head.weight, network.stance_head.weight)
