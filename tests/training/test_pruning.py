import copy
from pathlib import Path
from typing import Any

import pytest
import torch

from model.network import FramelineModel
from training.pruning import narrow
from training.run_folder import RunError


def batch() -> dict[str, torch.Tensor]:
    ids = torch.randint(5, 50, (2, 7), generator=torch.Generator().manual_seed(1))
    return {"input_ids": ids, "shape_ids": ids % 4, "list_ids": ids % 7, "attention_mask": torch.ones(2, 7).long()}


def test_units_that_give_nothing_go_first(network: FramelineModel, tmp_path: Path) -> None:
    full = copy.deepcopy(network).eval()
    encoder: Any = full.encoder
    for layer in encoder.encoder.layer:
        layer.output.dense.weight.data[:, ::2] = 0  # every other unit goes nowhere
    narrowed = copy.deepcopy(full)
    narrow(narrowed, 32, [batch()])
    assert narrowed.num_parameters() < full.num_parameters()
    narrowed.save_pretrained(tmp_path)
    loaded = FramelineModel.from_pretrained(tmp_path).eval()
    assert loaded.config.encoder.intermediate_size == 32
    for one, other in zip(full(**batch()).to_tuple(), loaded(**batch()).to_tuple(), strict=True):
        assert torch.allclose(one, other, atol=1e-5)


def test_it_narrows_only_what_is_wider(network: FramelineModel) -> None:
    with pytest.raises(RunError, match="64 units"):
        narrow(copy.deepcopy(network), 64, [batch()])
    other: Any = copy.deepcopy(network)
    other.encoder.encoder = torch.nn.Identity()
    with pytest.raises(RunError, match="BERT"):
        narrow(other, 8, [batch()])
