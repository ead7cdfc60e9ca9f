"""The network in a checkpoint, as weights that can be trained further.

An int8 checkpoint holds the weights of matrices and embeddings as whole numbers with scales; multiplied out they differ
from those that were trained by less than what one step of training moves. Parts that `training.fusion` joined come
apart again into ones that give the same, and so do factors that quantisation moved through ReLU, on which a unit's
weights before and after it divide what they give together.
"""

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from transformers import AutoConfig

from model.attention import BERT_LIKE, READERS
from model.checkpoint import MODEL, Checkpoint
from model.network import FramelineConfig, FramelineModel
from training.encoders import find_encoder, reading
from training.fusion import POSITIONS

_QUANTISED, _ROOT = "_quantized", "network."
_EMBEDDINGS = "encoder.embeddings"
_LAYER = "encoder.encoder.layer.0"
#: Products of whole numbers; the latter in checkpoints of earlier versions.
_WHOLE = ("MatMulIntegerToFloat", "MatMulInteger")
_FLOATS = frozenset({"float32", "float16"})
Array = NDArray[np.float32]


def read_network(checkpoint: Checkpoint, encoder: str, dropout: float) -> FramelineModel:
    """The network of a checkpoint in float32.

    Args:
        checkpoint: the checkpoint, in any precision.
        encoder: its encoder, as `find_encoder` takes it, for the shape.
        dropout: dropout before the heads, as a probability.

    Raises:
        EncoderError: its encoder, whose shape is needed, is not installed or cannot be read.
        RuntimeError: the checkpoint's network is not one of this version.
    """
    graph = onnx.load(checkpoint.folder / MODEL).graph
    weights = read_weights(graph)
    config, codebook = checkpoint.config, checkpoint.codebook
    found = find_encoder(encoder)
    with reading(found):
        shape = AutoConfig.from_pretrained(found.source)
    feed_forward = weights.get(f"{_LAYER}.intermediate.dense.bias")
    if feed_forward is not None:
        shape.intermediate_size = len(feed_forward)
        if _has_relu(graph):
            shape.hidden_act = "relu"
            balance_units(weights)
    heads = None
    if shape.model_type in BERT_LIKE:
        kept = len(weights[f"{_LAYER}.attention.self.query.bias"]) * shape.num_attention_heads // shape.hidden_size
        heads = kept if kept < shape.num_attention_heads else None
    network = FramelineModel(
        FramelineConfig(
            encoder=shape,
            encoder_name=config.encoder,
            frames=codebook.frame_ids,
            stances=codebook.stance_ids,
            window=config.window,
            overlap=config.overlap,
            dropout=dropout,
            frames_per_sentence=codebook.frames_per_sentence,
            attention_heads=heads,
        )
    )
    shapes = {name: value.shape for name, value in network.state_dict().items()}
    network.load_state_dict({name: _tensor(value, shapes.get(name)) for name, value in weights.items()})
    return network


def read_weights(graph: onnx.GraphProto) -> dict[str, Array]:
    """The weights of an exported network by the names that they have in `FramelineModel`, in float32."""
    tables = {table.name: numpy_helper.to_array(table) for table in graph.initializer}
    for node in graph.node:  # the exporter keeps one of several equal tables, and names the others after it
        if node.op_type == "Identity" and node.input[0] in tables:
            tables[node.output[0]] = tables[node.input[0]]
    weights = {
        name.removeprefix(_ROOT): table.astype(np.float32)
        for name, table in tables.items()
        if name.startswith(_ROOT) and name.endswith((".weight", ".bias")) and str(table.dtype) in _FLOATS
    }
    for name, table in tables.items():
        if name.startswith(_ROOT) and name.endswith("_rows"):
            weights[name.removeprefix(_ROOT).removesuffix("_rows")] = (
                table * tables[name.removesuffix("rows") + "scales"]
            )
    for node in graph.node:
        if node.op_type in ("MatMul", *_WHOLE) and node.input[1] in tables and node.name.startswith("/network/"):
            weights[_module(node.name)] = np.ascontiguousarray(_matrix(node, tables).T)
        if node.op_type == "QAttention":
            weights |= _attention(node, tables)
    if POSITIONS in tables:
        (positions,) = tables[POSITIONS]
        weights[f"{_EMBEDDINGS}.position_embeddings.weight"] = positions
        weights[f"{_EMBEDDINGS}.token_type_embeddings.weight"] = np.zeros_like(positions[:1])
    return weights


def balance_units(weights: dict[str, Array]) -> None:
    """Let the weights before ReLU have about the same length for each unit of a layer, in place.

    Quantisation makes some of them long and those behind ReLU short; the network is the same, but would learn badly.
    """
    for name in [name for name in weights if name.endswith(".intermediate.dense.weight")]:
        before, bias = weights[name], weights[name.removesuffix("weight") + "bias"]
        after = weights[name.replace(".intermediate.", ".output.")]
        lengths = np.linalg.norm(before, axis=1)
        factors = np.where(lengths > 0, np.median(lengths) / np.maximum(lengths, np.finfo(np.float32).tiny), 1)
        before *= factors[:, np.newaxis]
        bias *= factors
        after /= factors


def _has_relu(graph: onnx.GraphProto) -> bool:
    """Whether an exported network's feed-forward layers apply ReLU, and nothing else."""
    makers = {output: node for node in graph.node for output in node.output}
    ends = [node for node in graph.node if "/layer.0/output/dense/MatMul" in node.name and node.input[0] in makers]
    if not ends:
        return False
    source = makers[ends[0].input[0]]
    while "QuantizeLinear" in source.op_type or source.name.endswith("_smooth"):
        source = makers[source.input[0]]
    return bool(source.op_type == "Relu")


def _tensor(values: Array, shape: torch.Size | None) -> torch.Tensor:
    """``values``, with rows of zeros for those that an export leaves out, since no input reaches them."""
    missing = 0 if shape is None or not values.ndim else shape[0] - len(values)
    if values.ndim == 2 and missing > 0:
        values = np.concatenate([values, np.zeros((missing, values.shape[1]), dtype=values.dtype)])
    return torch.from_numpy(np.array(values))


def _attention(node: onnx.NodeProto, tables: dict[str, Array]) -> dict[str, Array]:
    """Weights and biases of the queries, keys and values that `training.fusion.join_attention` joined."""
    codes, weights, biases, _, scales = node.input[:5]
    matrix = _unsmoothed(tables[weights].astype(np.float32) * tables[scales], codes, tables)
    layer = f"{'.'.join(node.name.split('/')[2:])}.self"
    parted = {}
    for part, rows, bias in zip(READERS, np.split(matrix.T, 3), np.split(tables[biases], 3), strict=True):
        parted[f"{layer}.{part}.weight"], parted[f"{layer}.{part}.bias"] = np.ascontiguousarray(rows), bias
    return parted


def _module(node: str) -> str:
    """The weight to which a product belongs: ``/network/mention_head/MatMul_quant`` is that of ``mention_head``."""
    return f"{'.'.join(node.split('/')[2:-1])}.weight"


def _matrix(node: onnx.NodeProto, tables: dict[str, Array]) -> Array:
    """A product's matrix (inputs, outputs), without the factors by which quantisation smoothed it."""
    matrix = tables[node.input[1]].astype(np.float32)
    if node.op_type in _WHOLE:
        matrix = matrix * tables[node.input[1].removesuffix(_QUANTISED) + "_scale"]
    return _unsmoothed(matrix, node.input[0], tables)


def _unsmoothed(matrix: Array, codes: str, tables: dict[str, Array]) -> Array:
    """A matrix whose input is called ``codes``, without the factors that are multiplied into that input."""
    smoothed = codes.removesuffix(_QUANTISED)
    factors = tables.get(f"{smoothed.removesuffix('_smoothed')}_factors") if smoothed.endswith("_smoothed") else None
    return matrix if factors is None else matrix * factors[:, None]
