import copy
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnxruntime.quantization import quantize_dynamic

from model.checkpoint import DEFAULT, MODEL, Checkpoint, seal
from model.codebook import Codebook
from model.labeller import Labeller
from model.network import FramelineModel
from model.runtime import OnnxRuntime
from model.tokens import Window
from training.base import Base
from training.checkpoint_network import balance_units, read_network, read_weights
from training.export import export_onnx
from training.pruning import keep_heads, narrow, use_relu
from training.quantisation import quantise
from training.run_folder import RunError
from training.torch_runtime import TorchRuntime

IDS = torch.randint(5, 50, (2, 7), generator=torch.Generator().manual_seed(1))
BATCH = {"input_ids": IDS, "shape_ids": IDS % 4, "list_ids": IDS % 7, "attention_mask": torch.ones(2, 7).long()}
TEXT = "Arland said that it would guard the border from the raid with Voss ."


def assert_near(ours: np.ndarray, gold: np.ndarray, name: str) -> None:
    assert ours.shape == gold.shape, name
    assert np.linalg.norm(ours - gold) <= 0.03 * np.linalg.norm(gold) + 1e-6, name


def test_a_checkpoints_weights_are_those_that_were_trained(checkpoint: Path, network: FramelineModel) -> None:
    weights = read_weights(onnx.load(checkpoint / MODEL).graph)
    trained = {name: weight.numpy() for name, weight in network.state_dict().items()}
    assert set(weights) == set(trained)
    # what quantisation smooths between two products, and the two tables that are read at the same place, show together
    for layer in range(network.config.encoder.num_hidden_layers):
        attention = f"encoder.encoder.layer.{layer}.attention"
        value, dense = f"{attention}.self.value", f"{attention}.output.dense.weight"
        for kind in ("weight", "bias"):
            ours, gold = (some[dense] @ some[f"{value}.{kind}"] for some in (weights, trained))
            assert_near(ours, gold, f"{value}.{kind}")
            del weights[f"{value}.{kind}"]
        del weights[dense]
    positions, types = (
        weights.pop(f"encoder.embeddings.{kind}_embeddings.weight") for kind in ("position", "token_type")
    )
    gold = trained["encoder.embeddings.position_embeddings.weight"][: len(positions)]
    assert_near(positions + types[0], gold + trained["encoder.embeddings.token_type_embeddings.weight"][0], "positions")
    for name, weight in weights.items():
        assert_near(weight, trained[name], name)


def test_a_network_from_a_checkpoint_labels_as_it_does(checkpoint: Path, encoder: Path, labeller: Labeller) -> None:
    network = read_network(Checkpoint.open(checkpoint), str(encoder), 0.1)
    torch_labeller = Labeller(TorchRuntime(network), labeller.tokenizer, labeller.codebook, labeller.config, threads=1)
    ours, theirs = (one.classify(TEXT, split=False).sentences[0] for one in (torch_labeller, labeller))
    torch_labeller.close()
    assert [actor.mention for actor in ours.actors] == [actor.mention for actor in theirs.actors]
    for one, other in zip(ours.frames, theirs.frames, strict=True):
        assert one.probability == pytest.approx(other.probability, abs=0.05)


def test_weights_of_a_dynamically_quantised_network_are_read(network: FramelineModel, tmp_path: Path) -> None:
    export_onnx(network, tmp_path / "plain.onnx")
    quantize_dynamic(tmp_path / "plain.onnx", tmp_path / MODEL, per_channel=True, op_types_to_quantize=["MatMul"])
    weights = read_weights(onnx.load(tmp_path / MODEL).graph)
    trained = {name: weight.numpy() for name, weight in network.state_dict().items()}
    assert set(weights) == set(trained)
    for name, weight in weights.items():
        assert_near(weight, trained[name], name)


def test_a_network_that_was_cut_is_read_in_its_shape(
    checkpoint: Path, encoder: Path, network: FramelineModel, tmp_path: Path
) -> None:
    cut = copy.deepcopy(network).eval()
    heads = cut.config.encoder.num_attention_heads - 1
    keep_heads(cut, heads, [BATCH])
    narrow(cut, 32, [BATCH])
    use_relu(cut)
    parts: Any = cut.encoder
    for layer in parts.encoder.layer:  # equal tables would become one that both layers read
        torch.nn.init.normal_(layer.intermediate.dense.bias, std=0.1)
        layer.intermediate.dense.bias.data[0] = -100.0  # this unit never gives anything
    folder = tmp_path / "checkpoint"
    shutil.copytree(checkpoint, folder)
    cut.eval().set_attn_implementation("eager")
    export_onnx(cut, tmp_path / "plain.onnx")
    ids = BATCH["input_ids"][:1].numpy()
    window = Window(ids, ids % 4, ids % 7, first=0, prefix=1, suffix=1)
    quantise(tmp_path / "plain.onnx", folder / MODEL, [window], 24)
    seal(folder)
    (answer,) = OnnxRuntime(folder / MODEL).run_all([window])
    for ours, gold in zip(answer, cut(**{name: value[:1] for name, value in BATCH.items()}).to_tuple(), strict=True):
        assert torch.allclose(torch.from_numpy(ours), gold[0], atol=0.1)
    read = read_network(Checkpoint.open(folder), str(encoder), 0.1).eval()
    assert (read.config.attention_heads, read.config.encoder.intermediate_size) == (heads, 32)
    assert read.config.encoder.hidden_act == "relu"
    for ours, gold in zip(read(**BATCH).to_tuple(), cut(**BATCH).to_tuple(), strict=True):
        assert torch.allclose(ours, gold, atol=0.1)
    parts = read.encoder
    for layer in parts.encoder.layer:
        lengths = layer.intermediate.dense.weight.norm(dim=1)
        assert torch.allclose(lengths, lengths.median(), rtol=1e-3)


def test_units_are_balanced_without_changing_what_they_give(network: FramelineModel) -> None:
    changed = copy.deepcopy(network).eval()
    use_relu(changed)
    weights = {name: weight.numpy().copy() for name, weight in changed.state_dict().items()}
    name = "encoder.encoder.layer.0.intermediate.dense.weight"
    parts: Any = changed.encoder
    unit = parts.encoder.layer[0].intermediate.dense
    unit.weight.data[4] = 0
    before = changed(**BATCH).to_tuple()
    weights[name][3] *= 1e4
    weights[name.replace("intermediate", "output")][:, 3] /= 1e4
    weights[name.replace("weight", "bias")][3] *= 1e4
    weights[name][4] = 0
    balance_units(weights)
    lengths = np.linalg.norm(weights[name], axis=1)
    np.testing.assert_allclose(np.delete(lengths, 4), np.median(lengths), rtol=1e-3)
    changed.load_state_dict({key: torch.from_numpy(value) for key, value in weights.items()})
    assert unit.weight[4].abs().max() == 0
    for ours, gold in zip(changed(**BATCH).to_tuple(), before, strict=True):
        assert torch.allclose(ours, gold, atol=1e-4)


def test_the_shipped_checkpoint_can_be_trained_further() -> None:
    base = Base.open(DEFAULT)
    network = base.network()
    assert network.config.frames == list(base.codebook.frame_ids)
    assert not any(torch.isnan(weight).any() for weight in network.state_dict().values())


def test_heads_of_another_codebook_keep_what_both_have(run_folder: Path, codebook: Codebook) -> None:
    base = Base.open(run_folder)
    watching = codebook.frames[0].model_copy(update={"id": "watching"})
    other = codebook.model_copy(update={"frames": (watching, *reversed(codebook.frames))})
    before, after = base.network(), base.network_for(other, 0.1, 0.0)
    assert after.config.frames == ["watching", "fleeing", "guarding"]
    assert torch.equal(after.frame_head.weight[1:], before.frame_head.weight.flip(0))
    assert torch.equal(after.stance_head.weight, before.stance_head.weight)
    assert base.has_stances(other)
    assert not base.has_frames(other)


def test_other_stances_get_a_fresh_head(run_folder: Path, codebook: Codebook) -> None:
    base = Base.open(run_folder)
    other = codebook.model_copy(update={"stances": codebook.stances[:2]})
    network = base.network_for(other, 0.1, 0.0)
    assert network.stance_head.out_features == 2
    assert network.config.stances == ["supportive", "neutral"]
    assert not base.has_stances(other)


def test_a_folder_with_neither_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="neither a checkpoint"):
        Base.open(tmp_path)
