"""From a finished run to a checkpoint that labels without torch: ONNX, quantised to int8."""

import shutil
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor

from model.annotation import Annotation
from model.checkpoint import CODEBOOK, CONFIG, MODEL, TOKENIZER, seal
from model.codebook import Schema
from model.errors import FramelineError
from model.labeller import Labeller
from model.network import FramelineModel
from model.prediction import Document
from model.runtime import OnnxRuntime, Output
from training.evaluation import label
from training.run import METRICS, NETWORK, RunError, load_run, read_config

OPSET = 17
#: The largest difference allowed between a probability in torch and in ONNX, both in float32.
TOLERANCE = 1e-4
#: The least share of labels on which int8 and float32 must agree.
AGREEMENT = 0.98
_INPUTS = ["input_ids", "shape_ids", "list_ids"]
_HEADS = ("frame_head", "mention_head", "stance_")


class ParityError(FramelineError):
    """An exported network that does not label as the trained one does."""


class Parity(Schema):
    """How an export compares with the trained network, on ``sentences`` sentences.

    ``torch_to_onnx`` is the largest difference of any probability between torch and ONNX in float32;
    ``frames`` and ``stances`` are the shares of labels that int8 and float32 agree on.
    """

    sentences: int
    torch_to_onnx: float
    frames: float
    stances: float


def export(run: Path, out: Path, name: str, version: str, annotations: Sequence[Annotation] = ()) -> Parity | None:
    """Write the network of a finished run as a checkpoint.

    Args:
        run: the run folder.
        out: the checkpoint's folder; files that stand there are replaced.
        name: the model's name, shown with every answer.
        version: its version.
        annotations: held-out sentences on which the export is compared with the trained network.

    Returns:
        The comparison, None where there were no sentences.

    Raises:
        RunError: there is no finished run in ``run``.
        ParityError: the export strays too far from the trained network; nothing is written.
    """
    parity = compare(run, annotations) if annotations else None
    if parity is not None and parity.torch_to_onnx > TOLERANCE:
        raise ParityError(f"ONNX differs from torch by {parity.torch_to_onnx:.2e}, allowed are {TOLERANCE:.0e}")
    if parity is not None and min(parity.frames, parity.stances) < AGREEMENT:
        raise ParityError(
            f"int8 and float32 agree on {parity.frames:.2%} of the frames and {parity.stances:.2%} of the stances; "
            f"at least {AGREEMENT:.0%} is asked for"
        )
    if not (run / METRICS).is_file():
        raise RunError(f"{run}: no finished run there ({METRICS} is missing); `frameline train` makes one")
    out.mkdir(parents=True, exist_ok=True)
    network = FramelineModel.from_pretrained(run / NETWORK, attn_implementation="eager")
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / MODEL
        export_onnx(network, plain)
        quantise(plain, out / MODEL)
    config = read_config(run).model_copy(update={"name": name, "version": version})
    (out / CONFIG).write_text(config.model_dump_json(indent=2) + "\n", encoding="utf-8")
    for file in (TOKENIZER, CODEBOOK):
        shutil.copyfile(run / file, out / file)
    seal(out)
    return parity


def compare(run: Path, annotations: Sequence[Annotation]) -> Parity:
    """Compare torch, ONNX in float32 and ONNX in int8 on annotated sentences and their mentions."""
    with tempfile.TemporaryDirectory() as scratch:
        plain, small = Path(scratch) / "plain.onnx", Path(scratch) / "small.onnx"
        export_onnx(FramelineModel.from_pretrained(run / NETWORK, attn_implementation="eager"), plain)
        quantise(plain, small)
        torch_labeller = load_run(run)
        config, codebook = torch_labeller.config, torch_labeller.codebook
        texts = [
            (annotation.text, [annotation.mention(actor) for actor in annotation.actors]) for annotation in annotations
        ]
        labelled = [label(torch_labeller, texts)]
        for file in (plain, small):
            labeller = Labeller(OnnxRuntime(file), torch_labeller.tokenizer, codebook, config)
            labelled.append(label(labeller, texts))
            labeller.close()
        torch_labeller.close()
    exact, full, quantised = (_Labels.of(documents) for documents in labelled)
    return Parity(
        sentences=len(annotations),
        torch_to_onnx=float(np.abs(exact.probabilities - full.probabilities).max(initial=0.0)),
        frames=_share(full.frames, quantised.frames),
        stances=_share(full.stances, quantised.stances),
    )


def export_onnx(network: FramelineModel, file: Path) -> None:
    """Export a network in float32, with any number of sentences and tokens; nothing may be padded."""
    example = torch.zeros(2, 8, dtype=torch.int64)
    axes = {0: "sentences", 1: "tokens"}
    outputs = list(Output._fields)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of shape checks that hold for every input
        torch.onnx.export(
            _Inference(network.float().eval()),
            (example, example, example),
            str(file),
            input_names=_INPUTS,
            output_names=outputs,
            dynamic_axes={**dict.fromkeys(_INPUTS, axes), **dict.fromkeys(outputs[1:], axes), outputs[0]: {0: axes[0]}},
            opset_version=OPSET,
            dynamo=False,
        )


def quantise(plain: Path, out: Path) -> None:
    """Quantise an exported network to int8.

    Weights of matrix products get one scale a column, activations one scale a call; embeddings get one
    scale a row, which leaves them all but exact at a quarter of the size. The heads stay in float32.
    """
    graph = onnx.load(plain)
    heads = [node.name for node in graph.graph.node if any(head in node.name for head in _HEADS)]
    quantize_dynamic(
        plain,
        out,
        per_channel=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul"],
        nodes_to_exclude=heads,
        extra_options={"MatMulConstBOnly": True},
    )
    quantised = onnx.load(out)
    _quantise_embeddings(quantised.graph)
    onnx.checker.check_model(quantised)
    onnx.save(quantised, out)


class _Labels(NamedTuple):
    """All labels and probabilities of some documents, in order."""

    frames: list[bool]
    stances: list[str]
    probabilities: NDArray[np.float64]

    @classmethod
    def of(cls, documents: Sequence[Document]) -> "_Labels":
        sentences = [sentence for document in documents for sentence in document.sentences]
        scores = [score for sentence in sentences for score in sentence.frames]
        actors = [actor for sentence in sentences for actor in sentence.actors]
        numbers = [score.probability for score in scores]
        numbers += [probability for actor in actors for probability in actor.probabilities.values()]
        return cls([score.present for score in scores], [actor.stance for actor in actors], np.array(numbers))


def _share(one: Sequence[object], other: Sequence[object]) -> float:
    """The share of places at which two equally long sequences agree."""
    return sum(a == b for a, b in zip(one, other, strict=True)) / max(len(one), 1)


class _Inference(torch.nn.Module):
    """The network with a tuple as its output, for the tracer."""

    def __init__(self, network: FramelineModel) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: Tensor, shape_ids: Tensor, list_ids: Tensor) -> tuple[Tensor | None, ...]:
        output = self.network(input_ids, shape_ids, list_ids)
        return output.frames, output.mentions, output.stances


def _quantise_embeddings(graph: onnx.GraphProto, at_least: int = 100_000) -> None:
    """Replace each large embedding table by int8 rows and one scale a row."""
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
    del graph.node[:]
    graph.node.extend(nodes)
