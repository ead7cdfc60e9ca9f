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
from model.atomic import UNFINISHED
from model.checkpoint import CHECKSUMS, CODEBOOK, CONFIG, MODEL, TOKENIZER, Precision, seal
from model.errors import CheckpointError
from model.labeller import Labeller
from model.network import FramelineModel
from model.runtime import OnnxRuntime, Output, Runtime
from model.seen import SEEN
from model.tokens import Window
from training.parity import Parity, check_parity, measure_parity
from training.quantisation import quantise
from training.reserved import Reserved
from training.run_folder import NETWORK, RunRecord, load_run, read_record
from training.seen import trace

OPSET = 17
#: The most sentences that show the quantisation what values activations take.
CALIBRATION = 500
#: What is written beside the checksums.
_FILES = (MODEL, CONFIG, TOKENIZER, CODEBOOK, SEEN)
_INPUTS = ["input_ids", "shape_ids", "list_ids"]


def export(
    run: Path, out: Path, name: str, version: str, precision: Precision = "int8", *, replace: bool = False
) -> Parity:
    """Write the network of a finished run as a checkpoint, if it labels as the trained network does.

    Sentences that the run learned from calibrate the quantisation; on those of the documents that it held out (or
    learned from, where it held out none) the export is compared with the trained network. What was reserved, or chose
    by ``--development``, has no part in either.

    Args:
        run: the run folder.
        out: the checkpoint's folder.
        name: the model's name, shown with every answer.
        version: its version.
        precision: int8 for the CPU; float16 or float32 for batches, on a GPU where there is one.
        replace: whether a checkpoint that stands in ``out`` is replaced.

    Returns:
        How the export compares with the trained network.

    Raises:
        RunError: there is no finished run in ``run``.
        CheckpointError: ``out`` holds a checkpoint that is not to be replaced, or files of something else, such as a
            run, that a checkpoint would replace.
        FaultsError: the annotations that it learned from are no longer there.
        ParityError: the export strays too far from the trained network; nothing is written.
    """
    _check_free(out, replace)
    trained = load_run(run)
    record = read_record(run)
    seen = trace(run).record
    learned, held_out = _parts(record, read_annotations(record.annotations, trained.codebook))
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
        parity = measure_parity(trained, OnnxRuntime(plain), runtime, held_out or learned)
        check_parity(parity)
        config = trained.config.model_copy(
            update={"name": name, "version": version, "precision": precision, "fixed_scales": precision == "int8"}
        )
        trained.close()
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=out) as beside:
            made = Path(beside)
            shutil.copyfile(small, made / MODEL)
            (made / CONFIG).write_text(config.model_dump_json(indent=2) + "\n", encoding="utf-8")
            for file in (TOKENIZER, CODEBOOK):
                shutil.copyfile(run / file, made / file)
            seen.write(made)
            for file in _FILES:
                (made / file).replace(out / file)
    seal(out)
    return parity


def _parts(record: RunRecord, annotations: Sequence[Annotation]) -> tuple[list[Annotation], list[Annotation]]:
    """The sentences that a run learned from and those that it held out; what it left out is in neither.

    Its record has no document that was reserved as a whole, and those of ``--development`` apart; as in training,
    sentences that stand in such a document, too, are not learned from.
    """
    parts = {name: {*record.documents.get(name, ())} for name in ("train", "development", "test")}
    held_out = [one for one in annotations if one.document in parts["development"] | parts["test"]]
    apart = Reserved(frozenset(record.chosen_by), frozenset()).also(held_out)
    return [one for one in apart.without(annotations) if one.document in parts["train"]], held_out


def _check_free(out: Path, replace: bool) -> None:
    """Check that what a checkpoint would replace in ``out`` is a checkpoint's, and may be replaced."""
    others = [file for file in _FILES if (out / file).exists()]
    if not others:
        return
    if not (out / CHECKSUMS).is_file():
        raise CheckpointError(
            f"{out}: {', '.join(others)} there would be replaced and belong to no checkpoint ({CHECKSUMS} is missing), "
            "but to a run, say; choose another --out"
        )
    if not replace:
        raise CheckpointError(f"{out}: a checkpoint is there; choose another --out, or replace it with --replace")


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
