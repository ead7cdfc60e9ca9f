import copy
from pathlib import Path
from typing import Any

import pytest
import torch

from model.network import FramelineConfig, FramelineModel
from training.pruning import check_shape, keep_heads, narrow, reshape, use_relu
from training.run_folder import RunError
from training.settings import TrainingSettings


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


@pytest.fixture(scope="module")
def many_headed(network: FramelineModel) -> FramelineModel:
    """A network with four heads a layer."""
    fields = network.config.to_dict()
    fields["encoder"]["num_attention_heads"] = 4
    model = FramelineModel(FramelineConfig(**fields))
    model.eval()
    return model


def test_heads_that_give_nothing_go_first(many_headed: FramelineModel, tmp_path: Path) -> None:
    full = copy.deepcopy(many_headed)
    encoder: Any = full.encoder
    for layer in encoder.encoder.layer:
        layer.attention.output.dense.weight.data.unflatten(1, (4, -1))[:, ::2] = 0  # every other head goes nowhere
    cut = copy.deepcopy(full)
    keep_heads(cut, 2, [batch()])
    assert cut.num_parameters() < full.num_parameters()
    cut.save_pretrained(tmp_path)
    loaded = FramelineModel.from_pretrained(tmp_path).eval()
    assert loaded.config.attention_heads == 2
    for one, other in zip(full(**batch()).to_tuple(), loaded(**batch()).to_tuple(), strict=True):
        assert torch.allclose(one, other, atol=1e-5)
    keep_heads(cut, 1, [batch()])
    assert cut.config.attention_heads == 1
    assert torch.isfinite(cut(**batch()).frames).all()
    with pytest.raises(RunError, match="1 attention heads"):
        keep_heads(cut, 1, [batch()])


def test_padding_chooses_nothing(many_headed: FramelineModel) -> None:
    padded = {name: torch.nn.functional.pad(ids, (0, 40)) for name, ids in batch().items()}
    padded["input_ids"][:, 7:] = 7
    one, other = copy.deepcopy(many_headed), copy.deepcopy(many_headed)
    for model, seen in ((one, batch()), (other, padded)):
        keep_heads(model, 2, [seen])
        narrow(model, 8, [seen])
    for name, weight in one.state_dict().items():
        assert torch.equal(weight, other.state_dict()[name]), name


def test_a_shape_that_cannot_be_given_is_known_before(network: FramelineModel, many_headed: FramelineModel) -> None:
    wanted = TrainingSettings(attention_heads=2, feed_forward=8, relu=True)
    check_shape(many_headed, wanted)
    cut = copy.deepcopy(many_headed)
    reshape(cut, wanted, lambda: [batch()])
    shape = cut.config.encoder
    assert (cut.config.attention_heads, shape.intermediate_size, shape.hidden_act) == (2, 8, "relu")
    with pytest.raises(RunError, match="2 attention heads"):
        check_shape(network, wanted)
    with pytest.raises(RunError, match="64 units"):
        check_shape(network, TrainingSettings(feed_forward=64))
    other = copy.deepcopy(network)
    other.config.encoder.model_type = "mpnet"
    with pytest.raises(RunError, match="not of mpnet"):
        check_shape(other, TrainingSettings(attention_heads=1))
    del other.encoder.encoder
    with pytest.raises(RunError, match="built as BERT"):
        check_shape(other, TrainingSettings(relu=True))


def test_relu_is_what_the_encoder_applies_from_then_on(network: FramelineModel, tmp_path: Path) -> None:
    changed = copy.deepcopy(network).eval()
    use_relu(changed)
    changed.save_pretrained(tmp_path)
    loaded = FramelineModel.from_pretrained(tmp_path).eval()
    assert loaded.config.encoder.hidden_act == "relu"
    ours, theirs, before = (one(**batch()).frames for one in (changed, loaded, network.eval()))
    assert torch.equal(ours, theirs)
    assert not torch.allclose(ours, before, atol=1e-4)
