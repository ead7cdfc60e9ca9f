"""Joining parts of an exported BERT network into nodes that ONNX Runtime runs faster.

What has another shape than BERT (Devlin et al. 2019) as transformers writes it is left as it is.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from model.attention import READERS

#: The domain of ONNX Runtime's own operators.
_DOMAIN = "com.microsoft"
#: The joined table of positions, shape (1, T, H).
POSITIONS = "positions"
_POSITIONS = "position_embeddings.weight"
_TYPES = "token_type_embeddings.weight"


def join_positions(graph: onnx.GraphProto, length: int) -> bool:
    """Make one table of the embeddings of positions and of the first token type, and cut it to the input's length.

    Args:
        graph: the network in float32; every input is its own first and only segment.
        length: the most tokens of an input.

    Returns:
        Whether the network has such tables.
    """
    lookups = {end: _lookup(graph, end) for end in (_POSITIONS, _TYPES)}
    positions, types = lookups[_POSITIONS], lookups[_TYPES]
    if positions is None or types is None or not _counts_from_zero(graph, positions.input[1]):
        return False
    tables = _tables(graph)
    joined = tables[positions.input[0]][:length] + tables[types.input[0]][0]
    first, last = _reader(graph, types.output[0]), _reader(graph, positions.output[0])
    if first is None or last is None or first.output[0] not in last.input:
        return False
    embedded = next(name for name in first.input if name != types.output[0])
    for name, values in (
        (POSITIONS, joined[np.newaxis]),
        ("positions_start", np.array([0], dtype=np.int64)),
        ("positions_axis", np.array([1], dtype=np.int64)),
    ):
        graph.initializer.append(numpy_helper.from_array(values, name))
    ids = graph.input[0].name
    result = last.output[0]
    nodes = [
        helper.make_node("Shape", [ids], ["positions_end"], start=1, end=2),
        helper.make_node(
            "Slice", [POSITIONS, "positions_start", "positions_end", "positions_axis"], ["positions_used"]
        ),
        helper.make_node("Add", [embedded, "positions_used"], [result], name=last.name),
    ]
    _put(graph, {result: nodes})
    return True


def join_attention(model: onnx.ModelProto) -> int:
    """Make one node of each layer's attention in a dynamically quantised network.

    The factors by which its result is smoothed go into the weights of the values, which changes nothing.

    Args:
        model: the network; inputs of one length at a time, with no padding.

    Returns:
        How many layers there were to join.
    """
    graph = model.graph
    nodes = {node.name: node for node in graph.node}
    makers = {output: node for node in graph.node for output in node.output}
    tables = _tables(graph)
    end = "/attention/self/query/MatMul_quant"
    layers = [name.removesuffix("/self/query/MatMul_quant") for name in nodes if name.endswith(end)]
    for layer in layers:
        parts = [f"{layer}/self/{part}" for part in READERS]
        products = [nodes[f"{part}/MatMul_quant"] for part in parts]
        ranges = [nodes[f"{part}/MatMul_quant_scales_mul"] for part in parts]
        scales = [tables[node.input[1]] for node in ranges]
        biases = [tables[nodes[f"{part}/Add"].input[0]] for part in parts]
        result = makers[makers[nodes[f"{layer}/output/dense/MatMul_quant"].input[0]].input[0]]
        if result.op_type == "Mul":
            factors = tables[result.input[1]]
            scales[-1], biases[-1] = scales[-1] * factors, biases[-1] * factors
        weights = np.concatenate([tables[product.input[1]] for product in products], axis=1)
        for name, values in (
            ("weights", weights),
            ("biases", np.concatenate(biases)),
            ("scales", np.concatenate(scales)),
            ("zeros", np.zeros(weights.shape[1], dtype=np.int8)),
        ):
            graph.initializer.append(numpy_helper.from_array(values, f"{layer}/{name}"))
        codes, _, zero = products[0].input[:3]
        inputs = [codes, f"{layer}/weights", f"{layer}/biases", ranges[0].input[0], f"{layer}/scales", "", zero]
        joined = helper.make_node(
            "QAttention",
            [*inputs, f"{layer}/zeros"],
            [result.output[0]],
            name=layer,
            domain=_DOMAIN,
            num_heads=_heads(graph, layer, len(biases[0])),
        )
        _put(graph, {result.output[0]: [joined]})
    if layers:
        _use_domain(model)
    return len(layers)


def join_products(model: onnx.ModelProto) -> int:
    """Make one node of each product of whole numbers, the scales of its result, and the bias where there is one.

    Args:
        model: a quantised network whose activations have fixed scales.

    Returns:
        How many products there were to join.
    """
    graph = model.graph
    tables = _tables(graph)
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    makers = {output: node for node in graph.node for output in node.output}
    joins: dict[str, list[onnx.NodeProto]] = {}
    for product in graph.node:
        if product.op_type != "MatMulInteger":
            continue
        (cast,) = readers[product.output[0]]
        (end,) = readers[cast.output[0]]
        codes, weights, zero, weights_zero = product.input
        scales = makers[next(name for name in end.input if name != cast.output[0])].input
        bias = []
        following = readers.get(end.output[0], [])
        if len(following) == 1 and following[0].op_type == "Add":
            bias = [name for name in following[0].input if name in tables and tables[name].ndim == 1]
            end = following[0] if bias else end
        joined = helper.make_node(
            "MatMulIntegerToFloat",
            [codes, weights, *scales, zero, weights_zero, *bias],
            [end.output[0]],
            name=product.name,
            domain=_DOMAIN,
        )
        joins[end.output[0]] = [joined]
    if joins:
        _put(graph, joins)
        _use_domain(model)
    return len(joins)


def _use_domain(model: onnx.ModelProto) -> None:
    if all(used.domain != _DOMAIN for used in model.opset_import):
        model.opset_import.append(helper.make_opsetid(_DOMAIN, 1))


def _heads(graph: onnx.GraphProto, layer: str, width: int) -> int:
    """The number of attention heads, by the size of each, to which the queries are cut."""
    cut = next(node for node in graph.node if node.op_type == "Reshape" and node.input[0].startswith(f"{layer}/self/q"))
    shape = next(node for node in graph.node if cut.input[1] in node.output)
    size = next(node for node in graph.node if shape.input[-1] in node.output)
    return width // int(numpy_helper.to_array(helper.get_node_attr_value(size, "value")).item())


def _tables(graph: onnx.GraphProto) -> dict[str, NDArray[Any]]:
    """The tables by name; one that the exporter found to equal another goes by both names."""
    tables = {table.name: numpy_helper.to_array(table) for table in graph.initializer}
    for node in graph.node:
        if node.op_type == "Identity" and node.input[0] in tables:
            tables[node.output[0]] = tables[node.input[0]]
    return tables


def _lookup(graph: onnx.GraphProto, end: str) -> onnx.NodeProto | None:
    """The node that reads the embedding table of such a name."""
    return next((node for node in graph.node if node.op_type == "Gather" and node.input[0].endswith(end)), None)


def _counts_from_zero(graph: onnx.GraphProto, name: str) -> bool:
    """Whether ids are the first ones of a table 0, 1, 2 and so on; those of RoBERTa begin behind the padding's."""
    makers = {output: node for node in graph.node for output in node.output}
    cut = makers.get(name)
    if cut is None or cut.op_type != "Slice":
        return False
    source = makers.get(cut.input[0])
    if source is not None and source.op_type == "Constant":
        ids = numpy_helper.to_array(helper.get_node_attr_value(source, "value")).ravel()
    else:
        ids = _tables(graph).get(cut.input[0], np.zeros(0)).ravel()
    return len(ids) > 0 and np.array_equal(ids, np.arange(len(ids)))


def _reader(graph: onnx.GraphProto, name: str) -> onnx.NodeProto | None:
    """The addition that reads ``name``."""
    return next((node for node in graph.node if node.op_type == "Add" and name in node.input), None)


def _put(graph: onnx.GraphProto, joins: Mapping[str, Sequence[onnx.NodeProto]]) -> None:
    """Put nodes in the place of one, by the name of its first result, and leave out what nobody reads any more."""
    kept = [new for node in graph.node for new in joins.get(node.output[0], [node])]
    while True:
        read = {name for node in kept for name in node.input} | {output.name for output in graph.output}
        needed = [node for node in kept if not read.isdisjoint(node.output)]
        if len(needed) == len(kept):
            break
        kept = needed
    tables = [table for table in graph.initializer if table.name in read]
    for field, values in ((graph.node, kept), (graph.initializer, tables)):
        del field[:]
        field.extend(values)
