from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from model.network import FramelineModel
from model.tokens import Window
from training.activation_scales import Range, activation_ranges, fix_scales
from training.export import export_onnx

IDS = np.array([[2, 5, 9, 3]])
WINDOW = Window(IDS, IDS % 4, IDS % 7, first=0, prefix=1, suffix=1)


def floats(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)


def test_ranges_span_all_values_seen(network: FramelineModel, tmp_path: Path) -> None:
    export_onnx(network, tmp_path / "plain.onnx")
    other = Window(IDS[:, ::-1], IDS % 4, IDS % 7, first=0, prefix=1, suffix=1)
    one, both = (activation_ranges(tmp_path / "plain.onnx", windows) for windows in ([WINDOW], [WINDOW, other]))
    assert all((both[name].low <= one[name].low).all() and (both[name].high >= one[name].high).all() for name in one)
    assert any((both[name].low < one[name].low).any() for name in one)
    assert {seen.low.shape for seen in one.values()} == {(32,), (64,)}
    assert any("ReduceMean" in name for name in one)  # the heads' inputs are among them


def test_a_range_knows_its_scale() -> None:
    scale, zero = Range(floats(-1, 0), floats(2, 4)).quantisation()
    assert scale == pytest.approx(5 / 255)
    assert zero == 51
    assert zero.dtype == np.uint8
    scale, zero = Range(floats(1), floats(2)).quantisation()  # 0 can always be told
    assert scale == pytest.approx(2 / 255)
    assert zero == 0
    scale, zero = Range(floats(0), floats(0)).quantisation()
    assert scale > 0
    assert zero == 0


def test_ranges_are_joined_and_scaled() -> None:
    joined = Range(floats(-1, 0), floats(2, 4)).join(Range(floats(-3, 1), floats(1, 5)))
    assert joined.low.tolist() == [-3, 0]
    assert joined.high.tolist() == [2, 5]
    assert joined.largest.tolist() == [3, 5]
    assert [part.tolist() for part in joined.scaled(floats(2, 0.5))] == [[-6, 0], [4, 2.5]]


def test_a_value_is_quantised_alike_in_any_company(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("DynamicQuantizeLinear", ["x"], ["codes", "scale", "zero"]),
        helper.make_node("DequantizeLinear", ["codes", "scale", "zero"], ["y"]),
    ]
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None]) for name in "xy"]
    model = helper.make_model(
        helper.make_graph(nodes, "one", values[:1], values[1:]), opset_imports=[helper.make_opsetid("", 17)]
    )
    model.ir_version = 8
    before = run(model, floats(0.3, 8))
    assert run(model, floats(0.3, 1))[0] != before[0]
    fix_scales(model.graph, {"x": Range(floats(-1), floats(2))})
    onnx.checker.check_model(model)
    assert sorted(table.name for table in model.graph.initializer) == ["scale", "zero"]
    assert numpy_helper.to_array(model.graph.initializer[0]) == pytest.approx(3 / 255)
    alone, beside = run(model, floats(0.3)), run(model, floats(0.3, 8))
    assert alone[0] == beside[0] == pytest.approx(0.3, abs=3 / 510)
    assert beside[1] == pytest.approx(2, abs=3 / 510)  # clipped


def run(model: onnx.ModelProto, values: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (result,) = session.run(["y"], {"x": values})
    return np.asarray(result)
