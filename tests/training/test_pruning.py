import copy
from pathlib import Path
from typing import Any

import pytest
import torch

from model.network import FramelineModel
from training.pruning import keep_heads, narrow, use_relu
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


def test_heads_that_give_nothing_go_first(network: FramelineModel, tmp_path: Path) -> None:
    full = copy.deepcopy(network).eval()
    encoder: Any = full.encoder
    heads = full.config.encoder.num_attention_heads
    size = full.config.encoder.hidden_size // heads
    for layer in encoder.encoder.layer:
        layer.attention.output.dense.weight.data[:, :size] = 0  # the first head goes nowhere
    cut = copy.deepcopy(full)
    keep_heads(cut, heads - 1, [batch()])
    assert cut.num_parameters() < full.num_parameters()
    cut.save_pretrained(tmp_path)
    loaded = FramelineModel.from_pretrained(tmp_path).eval()
    assert loaded.config.attention_heads == heads - 1
    for one, other in zip(full(**batch()).to_tuple(), loaded(**batch()).to_tuple(), strict=True):
        assert torch.allclose(one, other, atol=1e-5)
    with pytest.raises(RunError, match=f"{heads - 1} attention heads"):
        keep_heads(cut, heads - 1, [batch()])


def test_relu_is_what_the_encoder_applies_from_then_on(network: FramelineModel, tmp_path: Path) -> None:
    changed = copy.deepcopy(network).eval()
    use_relu(changed)
    changed.save_pretrained(tmp_path)
    loaded = FramelineModel.from_pretrained(tmp_path).eval()
    assert loaded.config.encoder.hidden_act == "relu"
    ours, theirs, before = (one(**batch()).frames for one in (changed, loaded, network.eval()))
    assert torch.equal(ours, theirs)
    assert not torch.allclose(ours, before, atol=1e-4)
