"""Fixed scales for the activations of a quantised network, by the values that they take on training sentences.

ONNX Runtime's dynamic quantisation takes a scale from whatever is run together, so a sentence's logits would depend on
its company. With scales that stand in the network they cannot, and sentences of one length can run together.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from model.tokens import Window

#: The number of steps of eight bits.
_STEPS = 255
Array = NDArray[np.float32]


class Range(NamedTuple):
    """The smallest and the largest value of each of C channels, shape (C,) both."""

    low: Array
    high: Array

    def join(self, other: "Range") -> "Range":
        """The range that spans both."""
        return Range(np.minimum(self.low, other.low), np.maximum(self.high, other.high))

    def scaled(self, factors: Array) -> "Range":
        """The range when each channel is multiplied by its positive factor, shape (C,)."""
        return Range(self.low * factors, self.high * factors)

    @property
    def largest(self) -> Array:
        """The largest absolute value of each channel, shape (C,)."""
        return np.maximum(-self.low, self.high)

    def quantisation(self) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """The scale and the zero point, both of shape (), by which eight bits span all channels and 0."""
        low, high = min(0.0, float(self.low.min())), max(0.0, float(self.high.max()))
        scale = max((high - low) / _STEPS, float(np.finfo(np.float32).tiny))
        return np.array(scale, dtype=np.float32), np.array(round(-low / scale), dtype=np.uint8)


def activation_ranges(plain: Path, windows: Iterable[Window]) -> dict[str, Range]:
    """The range of each channel of each matrix product's input, by the input's name.

    Args:
        plain: a network in float32.
        windows: what it is to read, one after the other.
    """
    model = onnx.load(plain)
    tables = {table.name for table in model.graph.initializer}
    products = [node for node in model.graph.node if node.op_type in ("MatMul", "Gemm") and node.input[1] in tables]
    names = sorted({node.input[0] for node in products})
    for name in names:
        model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    ranges: dict[str, Range] = {}
    for window in windows:
        for name, values in zip(names, session.run(names, window.inputs), strict=True):
            rows = values.reshape(-1, values.shape[-1])
            seen = Range(rows.min(axis=0), rows.max(axis=0))
            ranges[name] = ranges[name].join(seen) if name in ranges else seen
    return ranges


def fix_scales(graph: onnx.GraphProto, ranges: Mapping[str, Range]) -> None:
    """Let activations be quantised by scales that stand in the network; values beyond their range are clipped.

    Args:
        graph: a dynamically quantised network.
        ranges: that of each value that it quantises, by name.
    """
    for node in graph.node:
        if node.op_type != "DynamicQuantizeLinear":
            continue
        codes, scale, zero = node.output
        values = ranges[node.input[0]].quantisation()
        graph.initializer.append(numpy_helper.from_array(values[0], scale))
        graph.initializer.append(numpy_helper.from_array(values[1], zero))
        node.CopyFrom(helper.make_node("QuantizeLinear", [node.input[0], scale, zero], [codes], name=node.name))
