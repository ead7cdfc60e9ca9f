"""From a finished run to a checkpoint that labels without torch: ONNX, by default quantised to int8."""

import shutil
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

import onnx
import torch
from torch import Tensor

from model.accelerated import AcceleratedRuntime
from model.actors import ActorList
from model.annotation import Annotation, read_annotations
from model.checkpoint import CODEBOOK, CONFIG, MODEL, TOKENIZER, Precision, seal
from model.labeller import Labeller
from model.network import FramelineModel
from model.runtime import OnnxRuntime, Output, Runtime
from model.tokens import Window
from training.parity import Parity, check_parity, measure_parity
from training.quantisation import quantise
from training.run_folder import NETWORK, load_run, part, read_record

OPSET = 17
#: The most sentences that show the quantisation what values activations take.
CALIBRATION = 500
_INPUTS = ["input_ids", "shape_ids", "list_ids"]


def export(run: Path, out: Path, name: str, version: str, precision: Precision = "int8") -> Parity:
    """Write the network of a finished run as a checkpoint, if it labels as the trained network does.

    Sentences of the run's training documents calibrate the quantisation; on those of the documents that it
    held out (or learned from, where it held out none) the export is compared with the trained network.

    Args:
        run: the run folder.
        out: the checkpoint's folder; files that stand there are replaced.
        name: the model's name, shown with every answer.
        version: its version.
        precision: int8 for the CPU; float16 or float32 for batches, on a GPU where there is one.

    Returns:
        How the export compares with the trained network.

    Raises:
        RunError: there is no finished run in ``run``.
        FaultsError: the annotations that it learned from are no longer there.
        ParityError: the export strays too far from the trained network; nothing is written.
    """
    trained = load_run(run)
    record = read_record(run)
    settings = record.settings
    annotations = read_annotations(record.annotations, trained.codebook)
    seen = {*record.seen}
    learned = part(annotations, "train", settings, seen)
    held_out = [one for name in ("test", "development") for one in part(annotations, name, settings, seen)] or learned
    calibration = _windows(trained, learned[:: 1 + len(learned) // CALIBRATION])
    with tempfile.TemporaryDirectory() as scratch:
        plain, small = Path(scratch) / "plain.onnx", Path(scratch) / MODEL
        export_onnx(FramelineModel.from_pretrained(run / NETWORK, attn_implementation="eager"), plain)
        if precision == "int8":
            quantise(plain, small, calibration, trained.config.window)
            runtime: Runtime = OnnxRuntime(small)
        else:
            _write_floats(plain, small, precision)
            runtime = AcceleratedRuntime(small)
        parity = measure_parity(trained, OnnxRuntime(plain), runtime, held_out)
        check_parity(parity)
        out.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(small, out / MODEL)
    trained.close()
    config = trained.config.model_copy(
        update={"name": name, "version": version, "precision": precision, "fixed_scales": precision == "int8"}
    )
    (out / CONFIG).write_text(config.model_dump_json(indent=2) + "\n", encoding="utf-8")
    for file in (TOKENIZER, CODEBOOK):
        shutil.copyfile(run / file, out / file)
    seal(out)
    return parity


def export_onnx(network: FramelineModel, file: Path) -> None:
    """Export a network in float32, with any number of sentences and tokens; nothing may be padded."""
    example = torch.zeros(2, 8, dtype=torch.int64)
    axes = {0: "sentences", 1: "tokens"}
    outputs = list(Output._fields)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of shape checks that hold for every input
        torch.onnx.export(
            _Inference(network.float()).eval(),
            (example, example, example),
            str(file),
            input_names=_INPUTS,
            output_names=outputs,
            dynamic_axes={**dict.fromkeys(_INPUTS, axes), **dict.fromkeys(outputs[1:], axes), outputs[0]: {0: axes[0]}},
            opset_version=OPSET,
            dynamo=False,
        )


def _write_floats(plain: Path, file: Path, precision: Precision) -> None:
    """The network in float16 or float32; its inputs and outputs stay as they are."""
    if precision == "float32":
        shutil.copyfile(plain, file)
        return
    from onnxruntime.transformers.float16 import convert_float_to_float16

    onnx.save(convert_float_to_float16(onnx.load(plain), keep_io_types=True), file)


class _Inference(torch.nn.Module):
    """The network with a tuple as its output, for the tracer."""

    def __init__(self, network: FramelineModel) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: Tensor, shape_ids: Tensor, list_ids: Tensor) -> tuple[Tensor | None, ...]:
        output = self.network(input_ids, shape_ids, list_ids)
        return output.frames, output.mentions, output.stances


def _windows(labeller: Labeller, annotations: Sequence[Annotation]) -> list[Window]:
    actors = ActorList(labeller.codebook)
    tokenized = (labeller.tokenizer(annotation.text, actors.find(annotation.text)) for annotation in annotations)
    return [window for tokens in tokenized for window in tokens.windows]
