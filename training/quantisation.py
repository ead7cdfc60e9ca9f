"""Quantising an exported network to int8, so that it keeps its labels.

Three things keep int8 close to float32: matrix weights get one scale a column; embeddings one scale a row; and
before a product of the encoder, activations are smoothed (SmoothQuant, Xiao et al. 2023): a channel with large
values is divided by a factor and the weights' row is multiplied by it, so that the one scale which all activations
before a product share wastes fewer of its steps.
"""

import logging
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from model.runtime import OnnxRuntime, Output
from model.tokens import Window
from training.activation_scales import Range, activation_ranges, fix_scales
from training.fusion import join_attention, join_positions, join_products

#: How much of the range moves from activations to weights.
SMOOTHINGS = (0.7, 0.75, 0.8, 0.85, 0.9)
#: Embedding tables from this many numbers on are quantised.
LARGE_TABLE = 100_000
_HEADS = ("frame_head", "mention_head", "stance_")
_TINY = 1e-5
Array = NDArray[np.float32]


def quantise(plain: Path, out: Path, calibration: Sequence[Window], length: int) -> float:
    """Quantise an exported network, with the smoothing that keeps its logits closest to those in float32.

    Args:
        plain: the network in float32.
        out: where the int8 network is written.
        calibration: windows of training sentences, which show what values each channel's activations take, and by
            which the smoothing is chosen.
        length: the most tokens of a window.

    Returns:
        The smoothing chosen, one of `SMOOTHINGS`.
    """
    ranges = activation_ranges(plain, calibration)
    full = OnnxRuntime(plain)
    exact = [full.run(window) for window in calibration]
    strays = {}
    with tempfile.TemporaryDirectory() as scratch:
        for smoothing in SMOOTHINGS:
            file = Path(scratch) / f"{smoothing}.onnx"
            _quantise(plain, file, ranges, smoothing, length)
            runtime = OnnxRuntime(file)
            strays[smoothing] = np.mean(
                [_distance(one, runtime.run(window)) for one, window in zip(exact, calibration, strict=True)]
            )
        best = min(strays, key=strays.__getitem__)
        shutil.copyfile(Path(scratch) / f"{best}.onnx", out)
    return best


def _quantise(plain: Path, out: Path, ranges: Mapping[str, Range], smoothing: float, length: int) -> None:
    model = onnx.load(plain)
    join_positions(model.graph, length)
    ranges = {**ranges, **smooth(model.graph, ranges, smoothing)}
    smoothed = out.with_suffix(".smoothed")
    onnx.save(model, smoothed)
    with _without_advice():
        quantize_dynamic(
            smoothed,
            out,
            per_channel=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul"],
            extra_options={"MatMulConstBOnly": True},
        )
    quantised = onnx.load(out)
    quantise_embeddings(quantised.graph)
    join_attention(quantised)
    fix_scales(quantised.graph, ranges)
    join_products(quantised)
    widen_means(quantised.graph)
    onnx.checker.check_model(quantised)
    onnx.save(quantised, out)


@contextmanager
def _without_advice() -> Iterator[None]:
    """Let ONNX Runtime keep to itself that networks could be pre-processed, which it says on the root logger."""
    logger = logging.getLogger()
    logger.addFilter(_is_no_advice)
    try:
        yield
    finally:
        logger.removeFilter(_is_no_advice)


def _is_no_advice(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith("Please consider to run pre-processing before quantization")


def _distance(one: Output, other: Output) -> float:
    """The mean difference of the logits that decide: frames and stances."""
    return float(np.abs(one.frames - other.frames).mean() + np.abs(one.stances - other.stances).mean())


def smooth(graph: onnx.GraphProto, ranges: Mapping[str, Range], smoothing: float) -> dict[str, Range]:
    """Divide the inputs of matrix products by a factor a channel, and multiply the weights by it.

    What ReLU gives is divided where it comes from: in the weights and the bias before it.

    Returns:
        The ranges of what is smoothed, by its name afterwards.
    """
    tables = {table.name: table for table in graph.initializer}
    makers = {output: node for node in graph.node for output in node.output}
    readers = Counter(name for node in graph.node for name in node.input)
    products: dict[str, list[onnx.NodeProto]] = defaultdict(list)
    for node in _products(graph):
        if node.input[0] in ranges:
            products[node.input[0]].append(node)
    smoothed: dict[str, Range] = {}
    divided = set()
    for name, nodes in products.items():
        weights = [numpy_helper.to_array(tables[node.input[1]]) for node in nodes]
        largest = np.max([np.abs(weight).max(axis=1) for weight in weights], axis=0)
        factors = np.maximum(ranges[name].largest, _TINY) ** smoothing / np.maximum(largest, _TINY) ** (1 - smoothing)
        factors = factors.astype(np.float32)
        for node, weight in zip(nodes, weights, strict=True):
            _set(tables[node.input[1]], weight * factors[:, None])
        source = _before_relu(makers, tables, name)
        if source and readers[name] == len(nodes) and all(readers[table] == 1 for table in source):
            for table in source:
                _set(tables[table], numpy_helper.to_array(tables[table]) / factors)
            smoothed[name] = ranges[name].scaled(1 / factors)
            continue
        divided.add(name)
        smoothed[f"{name}_smoothed"] = ranges[name].scaled(1 / factors)
        graph.initializer.append(numpy_helper.from_array(1 / factors, f"{name}_factors"))
        for node in nodes:
            node.input[0] = f"{name}_smoothed"
    nodes = []
    for node in graph.node:
        nodes.append(node)
        nodes += [
            helper.make_node("Mul", [name, f"{name}_factors"], [f"{name}_smoothed"], name=f"{name}_smooth")
            for name in node.output
            if name in divided
        ]
    _replace(graph, nodes)
    return smoothed


def _before_relu(
    makers: Mapping[str, onnx.NodeProto], tables: Mapping[str, onnx.TensorProto], name: str
) -> tuple[str, ...]:
    """The tables of weights and bias from which ReLU makes ``name``; none where something else makes it."""
    relu = makers.get(name)
    add = makers.get(relu.input[0]) if relu is not None and relu.op_type == "Relu" else None
    if add is None or add.op_type != "Add":
        return ()
    bias = next((one for one in add.input if one in tables), None)
    product = next((makers[one] for one in add.input if one in makers), None)
    if bias is None or product is None or product.op_type != "MatMul" or product.input[1] not in tables:
        return ()
    return product.input[1], bias


def _set(table: onnx.TensorProto, values: Array) -> None:
    table.CopyFrom(numpy_helper.from_array(values, table.name))


def quantise_embeddings(graph: onnx.GraphProto, at_least: int = LARGE_TABLE) -> None:
    """Replace each large embedding table by int8 rows with one scale a row, all but exact at a quarter of the size."""
    tables = {table.name: table for table in graph.initializer}
    nodes = []
    for node in graph.node:
        table = tables.get(node.input[0]) if node.op_type == "Gather" else None
        if table is None or np.prod(table.dims) < at_least:
            nodes.append(node)
            continue
        weights = numpy_helper.to_array(table)
        scales = np.maximum(np.abs(weights).max(axis=1, keepdims=True) / 127, np.finfo(np.float32).tiny)
        rows = np.round(weights / scales).astype(np.int8)
        graph.initializer.remove(table)
        graph.initializer.append(numpy_helper.from_array(rows, f"{table.name}_rows"))
        graph.initializer.append(numpy_helper.from_array(scales.astype(np.float32), f"{table.name}_scales"))
        ids, found = node.input[1], node.output[0]
        nodes += [
            helper.make_node("Gather", [f"{table.name}_rows", ids], [f"{found}_rows"], axis=0),
            helper.make_node("Cast", [f"{found}_rows"], [f"{found}_float"], to=TensorProto.FLOAT),
            helper.make_node("Gather", [f"{table.name}_scales", ids], [f"{found}_scales"], axis=0),
            helper.make_node("Mul", [f"{found}_float", f"{found}_scales"], [found]),
        ]
    _replace(graph, nodes)


def widen_means(graph: onnx.GraphProto) -> None:
    """Take means in float64 and round them to float32.

    ONNX Runtime adds up in another order where several sentences run together. In float32 the sum differs by that, and
    so would, now and then, the whole numbers that it is quantised to.
    """
    nodes = []
    for node in graph.node:
        if node.op_type != "ReduceMean":
            nodes.append(node)
            continue
        values, mean = node.input[0], node.output[0]
        node.input[0], node.output[0] = f"{mean}_values", f"{mean}_wide"
        nodes += [
            helper.make_node("Cast", [values], [f"{mean}_values"], to=TensorProto.DOUBLE),
            node,
            helper.make_node("Cast", [f"{mean}_wide"], [mean], to=TensorProto.FLOAT),
        ]
    _replace(graph, nodes)


def _products(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """The matrix products with weights, outside the heads."""
    tables = {table.name for table in graph.initializer}
    return [node for node in graph.node if node.op_type == "MatMul" and node.input[1] in tables and not _in_head(node)]


def _in_head(node: onnx.NodeProto) -> bool:
    return any(head in node.name for head in _HEADS)


def _replace(graph: onnx.GraphProto, nodes: list[onnx.NodeProto]) -> None:
    del graph.node[:]
    graph.node.extend(nodes)
