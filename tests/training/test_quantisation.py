import copy
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import helper, numpy_helper

from model.network import FramelineModel
from model.runtime import OnnxRuntime
from model.tokens import Window
from training.activation_scales import activation_ranges
from training.export import export_onnx
from training.pruning import use_relu
from training.quantisation import SMOOTHINGS, quantise, quantise_embeddings, smooth, widen_means

IDS = np.array([[2, 5, 9, 3]])
WINDOW = Window(IDS, IDS % 4, IDS % 7, first=0, prefix=1, suffix=1)


def test_smoothing_changes_nothing_in_float32(network: FramelineModel, tmp_path: Path) -> None:
    export_onnx(network, tmp_path / "plain.onnx")
    model = onnx.load(tmp_path / "plain.onnx")
    before = {table.name: numpy_helper.to_array(table) for table in model.graph.initializer}
    smoothed_ranges = smooth(model.graph, activation_ranges(tmp_path / "plain.onnx", [WINDOW]), 0.5)
    onnx.checker.check_model(model)
    onnx.save(model, tmp_path / "smoothed.onnx")
    changed = [
        table
        for table in model.graph.initializer
        if not np.array_equal(before.get(table.name, 0), numpy_helper.to_array(table))
    ]
    assert len(changed) > 12  # six products a layer, and their factors
    assert set(smoothed_ranges) == {name for node in model.graph.node for name in node.output if "smoothed" in name}
    seen = activation_ranges(tmp_path / "smoothed.onnx", [WINDOW])
    for name, expected in smoothed_ranges.items():
        np.testing.assert_allclose(seen[name], expected, atol=1e-5)
    plain, smoothed = (
        OnnxRuntime(tmp_path / "plain.onnx").run(WINDOW),
        OnnxRuntime(tmp_path / "smoothed.onnx").run(WINDOW),
    )
    for one, other in zip(plain, smoothed, strict=True):
        assert np.allclose(one, other, atol=1e-4)


def _relu(network: FramelineModel) -> FramelineModel:
    changed = copy.deepcopy(network)
    use_relu(changed)
    encoder: Any = changed.encoder
    for layer in encoder.encoder.layer:  # equal tables become one that both layers read
        torch.nn.init.normal_(layer.intermediate.dense.bias, std=0.1)
    return changed


def _run(model: onnx.ModelProto, file: Path) -> list[np.ndarray]:
    onnx.save(model, file)
    return list(OnnxRuntime(file).run(WINDOW))


def _readers_of_relu(model: onnx.ModelProto) -> list[str]:
    activations = {node.output[0] for node in model.graph.node if node.op_type == "Relu"}
    return [node.op_type for node in model.graph.node if not activations.isdisjoint(node.input)]


def test_what_relu_gives_is_smoothed_before_it(network: FramelineModel, tmp_path: Path) -> None:
    file = tmp_path / "plain.onnx"
    export_onnx(_relu(network), file)
    model, before = onnx.load(file), activation_ranges(file, [WINDOW])
    expected = smooth(model.graph, before, 0.5)
    assert _readers_of_relu(model) == ["MatMul"] * network.config.encoder.num_hidden_layers
    for one, other in zip(OnnxRuntime(file).run(WINDOW), _run(model, tmp_path / "smoothed.onnx"), strict=True):
        assert np.allclose(one, other, atol=1e-4)
    after = activation_ranges(tmp_path / "smoothed.onnx", [WINDOW])
    for name in {node.output[0] for node in model.graph.node if node.op_type == "Relu"}:
        np.testing.assert_allclose(after[name], expected[name], atol=1e-5)
        assert not np.allclose(after[name].high, before[name].high)


def test_what_something_else_reads_as_well_is_smoothed_behind_relu(network: FramelineModel, tmp_path: Path) -> None:
    shared = _relu(network)
    encoder: Any = shared.encoder
    for layer in encoder.encoder.layer:
        torch.nn.init.constant_(layer.intermediate.dense.bias, 0.1)
    export_onnx(shared, tmp_path / "bias.onnx")
    export_onnx(_relu(network), tmp_path / "reader.onnx")
    read = onnx.load(tmp_path / "reader.onnx")
    relu = next(node for node in read.graph.node if node.op_type == "Relu")
    (product,) = [node for node in read.graph.node if relu.output[0] in node.input]
    place, given = list(read.graph.node).index(product), product.output[0]
    product.output[0] = "product"
    mean = helper.make_node("ReduceMean", [relu.output[0]], ["mean"], axes=[-1], name="mean")
    read.graph.node.insert(place + 1, mean)
    read.graph.node.insert(place + 2, helper.make_node("Add", ["product", "mean"], [given], name="sum"))
    onnx.save(read, tmp_path / "reader.onnx")
    for name in ("bias", "reader"):
        model = onnx.load(tmp_path / f"{name}.onnx")
        before = OnnxRuntime(tmp_path / f"{name}.onnx").run(WINDOW)
        ranges = activation_ranges(tmp_path / f"{name}.onnx", [WINDOW])
        smooth(model.graph, ranges, 0.5)
        assert "Mul" in _readers_of_relu(model), name  # the factors of at least one layer stand behind it
        for one, other in zip(before, _run(model, tmp_path / "smoothed.onnx"), strict=True):
            assert np.allclose(one, other, atol=1e-4), name


def test_an_embedding_table_keeps_one_scale_a_row(network: FramelineModel, tmp_path: Path) -> None:
    export_onnx(network, tmp_path / "plain.onnx")
    model = onnx.load(tmp_path / "plain.onnx")
    quantise_embeddings(model.graph, at_least=1_000)
    onnx.checker.check_model(model)
    onnx.save(model, tmp_path / "rows.onnx")
    rows = [table for table in model.graph.initializer if table.name.endswith("_rows")]
    assert rows
    assert all(table.data_type == onnx.TensorProto.INT8 for table in rows)
    plain, quantised = OnnxRuntime(tmp_path / "plain.onnx").run(WINDOW), OnnxRuntime(tmp_path / "rows.onnx").run(WINDOW)
    assert np.allclose(plain.frames, quantised.frames, atol=0.05)


def test_means_are_taken_in_float64(network: FramelineModel, tmp_path: Path) -> None:
    export_onnx(network, tmp_path / "plain.onnx")
    model = onnx.load(tmp_path / "plain.onnx")
    widen_means(model.graph)
    onnx.checker.check_model(model)
    onnx.save(model, tmp_path / "wide.onnx")
    (mean,) = [node for node in model.graph.node if node.op_type == "ReduceMean"]
    (cast,) = [node for node in model.graph.node if mean.input[0] in node.output]
    assert helper.get_node_attr_value(cast, "to") == onnx.TensorProto.DOUBLE
    plain, wide = OnnxRuntime(tmp_path / "plain.onnx").run(WINDOW), OnnxRuntime(tmp_path / "wide.onnx").run(WINDOW)
    for one, other in zip(plain, wide, strict=True):
        assert np.allclose(one, other, atol=1e-6)


def test_the_smoothing_that_strays_least_is_kept(
    network: FramelineModel, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    plain, small = tmp_path / "plain.onnx", tmp_path / "small.onnx"
    export_onnx(network, plain)
    assert quantise(plain, small, [WINDOW], 24) in SMOOTHINGS
    assert "pre-processing" not in caplog.text
    weights = [table for table in onnx.load(small).graph.initializer if table.data_type == onnx.TensorProto.INT8]
    assert len(weights) > 12
    kinds = {node.op_type for node in onnx.load(small).graph.node}
    assert {"QuantizeLinear", "MatMulIntegerToFloat"} <= kinds
    assert not kinds & {"DynamicQuantizeLinear", "MatMulInteger"}
    one, other = OnnxRuntime(plain).run(WINDOW), OnnxRuntime(small).run(WINDOW)
    assert np.abs(one.stances - other.stances).max() < 0.2
