from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import RobertaConfig

from model.network import FramelineConfig, FramelineModel
from model.runtime import OnnxRuntime, Output
from model.tokens import Window
from training.activation_scales import Range, activation_ranges, fix_scales
from training.export import export_onnx
from training.fusion import join_attention, join_positions, join_products
from training.quantisation import quantise, smooth

IDS = np.array([[2, 5, 9, 7, 6, 3]])
WINDOWS = [
    Window(ids, ids % 4, ids % 7, first=0, prefix=1, suffix=1)
    for ids in (IDS, IDS[:, ::-1], np.repeat(IDS, 4, axis=1), IDS[:, :2])
]


def run(model: onnx.ModelProto, file: Path) -> list[Output]:
    onnx.checker.check_model(model)
    onnx.save(model, file)
    runtime = OnnxRuntime(file)
    return [runtime.run(window) for window in WINDOWS]


def assert_close(ours: list[Output], theirs: list[Output], tolerance: float) -> None:
    for one, other in zip(ours, theirs, strict=True):
        for logits, expected in zip(one, other, strict=True):
            assert np.allclose(logits, expected, atol=tolerance)


@pytest.fixture
def exported(network: FramelineModel, tmp_path: Path) -> Path:
    export_onnx(network, tmp_path / "plain.onnx")
    return tmp_path / "plain.onnx"


@pytest.fixture
def quantised(exported: Path, tmp_path: Path) -> Path:
    smoothed = onnx.load(exported)
    smooth(smoothed.graph, activation_ranges(exported, WINDOWS), 0.75)
    onnx.save(smoothed, tmp_path / "smoothed.onnx")
    quantize_dynamic(
        tmp_path / "smoothed.onnx",
        tmp_path / "quantised.onnx",
        per_channel=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul"],
        extra_options={"MatMulConstBOnly": True},
    )
    return tmp_path / "quantised.onnx"


def test_one_table_of_positions_gives_the_same_logits(exported: Path, tmp_path: Path) -> None:
    model = onnx.load(exported)
    before = len(model.graph.node)
    assert join_positions(model.graph, 24)
    assert len(model.graph.node) < before - 10
    assert not any("token_type" in table.name for table in model.graph.initializer)
    assert_close(run(model, tmp_path / "joined.onnx"), run(onnx.load(exported), tmp_path / "again.onnx"), 1e-5)


def test_positions_that_begin_behind_the_paddings_are_left_as_they_are(tmp_path: Path) -> None:
    encoder = RobertaConfig(
        vocab_size=60,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=66,
        type_vocab_size=1,
    )
    encoder._attn_implementation = "eager"
    network = FramelineModel(FramelineConfig(encoder=encoder, frames=("one",), stances=("critical", "neutral")))
    torch.nn.init.normal_(network.get_parameter("encoder.embeddings.position_embeddings.weight"))
    export_onnx(network, tmp_path / "plain.onnx")
    assert not join_positions(onnx.load(tmp_path / "plain.onnx").graph, 24)
    quantise(tmp_path / "plain.onnx", tmp_path / "small.onnx", WINDOWS, 24)
    plain, small = OnnxRuntime(tmp_path / "plain.onnx"), OnnxRuntime(tmp_path / "small.onnx")
    assert_close([small.run(window) for window in WINDOWS], [plain.run(window) for window in WINDOWS], 0.05)


def test_joined_attention_gives_the_same_logits(network: FramelineModel, quantised: Path, tmp_path: Path) -> None:
    model = onnx.load(quantised)
    layers = network.config.encoder.num_hidden_layers
    assert join_attention(model) == layers
    joined = [node for node in model.graph.node if node.op_type == "QAttention"]
    assert [helper.get_node_attr_value(node, "num_heads") for node in joined] == [2] * layers
    assert not any(node.op_type == "Softmax" for node in model.graph.node)
    assert_close(run(model, tmp_path / "joined.onnx"), run(onnx.load(quantised), tmp_path / "again.onnx"), 0.02)


def test_joined_products_give_the_same_logits(quantised: Path, tmp_path: Path) -> None:
    model = onnx.load(quantised)
    names = [node.input[0] for node in model.graph.node if node.op_type == "DynamicQuantizeLinear"]
    one = Range(np.array([-3.0], dtype=np.float32), np.array([3.0], dtype=np.float32))
    fix_scales(model.graph, dict.fromkeys(names, one))
    apart = run(model, tmp_path / "apart.onnx")
    products = [node.name for node in model.graph.node if node.op_type == "MatMulInteger"]
    assert join_products(model) == len(products) > 12
    joined = [node for node in model.graph.node if node.op_type == "MatMulIntegerToFloat"]
    assert [node.name for node in joined] == products
    assert not any(node.op_type in ("MatMulInteger", "Cast") for node in model.graph.node if "MatMul" in node.name)
    assert sum(len(node.input) == 7 for node in joined) > 10  # those with a bias
    assert_close(run(model, tmp_path / "joined.onnx"), apart, 1e-5)


def test_a_network_of_another_shape_is_left_as_it_is() -> None:
    node = helper.make_node("Relu", ["x"], ["y"])
    values = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in "xy"]
    model = helper.make_model(helper.make_graph([node], "other", values[:1], values[1:]))
    before = model.SerializeToString()
    assert not join_positions(model.graph, 24)
    assert join_attention(model) == join_products(model) == 0
    assert model.SerializeToString() == before
