import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from model.actors import ActorList
from model.annotation import Annotation
from model.checkpoint import MODEL, Checkpoint
from model.codebook import Codebook
from model.decoding import frame_probabilities, softmax
from model.network import FramelineModel
from model.runtime import OnnxRuntime, Output
from model.tokens import SentenceTokenizer, Window
from tests.conftest import WORDS
from training.export import export, export_onnx
from training.parity import Parity, ParityError, check_parity
from training.quantisation import quantise
from training.run_folder import METRICS, NETWORK, RunError, part, read_record
from training.torch_runtime import TorchRuntime


@pytest.fixture
def windows(encoder: Path, codebook: Codebook) -> list[Window]:
    tokenizer = SentenceTokenizer(encoder / "tokenizer.json", 24, 6)
    actors = ActorList(codebook)
    draw = random.Random(0)
    texts = [" ".join(draw.choices([*WORDS.split(), "Arland", "Voss"], k=draw.randint(0, 30))) for _ in range(60)]
    return [window for text in texts for window in tokenizer(text, actors.find(text)).windows]


def probabilities(output: Output) -> np.ndarray:
    return np.concatenate(
        [frame_probabilities(output.frames), softmax(output.mentions).ravel(), softmax(output.stances).ravel()]
    )


def test_onnx_in_float32_gives_what_torch_gives(network: FramelineModel, windows: list[Window], tmp_path: Path) -> None:
    export_onnx(network, tmp_path / MODEL)
    exported, trained = OnnxRuntime(tmp_path / MODEL), TorchRuntime(network)
    for window in windows:
        assert np.allclose(probabilities(exported.run(window)), probabilities(trained.run(window)), atol=1e-4)


def test_int8_is_close_and_its_embeddings_are_rows(
    network: FramelineModel, windows: list[Window], checkpoint: Path
) -> None:
    quantised, trained = OnnxRuntime(checkpoint / MODEL), TorchRuntime(network)
    for window in windows:
        difference = probabilities(quantised.run(window)) - probabilities(trained.run(window))
        assert np.abs(difference).mean() < 0.05
    graph = onnx.load(checkpoint / MODEL).graph
    assert any(node.op_type == "MatMulIntegerToFloat" for node in graph.node)
    assert Checkpoint.open(checkpoint).config.fixed_scales


@pytest.fixture(scope="module")
def decided(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose network is sure of every label, so that int8 has the same: every word is a mention."""
    folder = Path(shutil.copytree(run_folder, tmp_path_factory.mktemp("decided") / "run"))
    network = FramelineModel.from_pretrained(folder / NETWORK)
    heads = (network.frame_head, network.mention_head, network.stance_head)
    for head, bias in zip(heads, ([50, -50], [-50, 50, -50], [50, 0, 0]), strict=True):
        head.bias.data = torch.tensor(bias, dtype=torch.float32)
    network.save_pretrained(folder / NETWORK)
    return folder


def ruin(file: Path, weights: str, bias: Sequence[float]) -> Path:
    """The network of a file with another bias."""
    model = onnx.load(file)
    (table,) = (table for table in model.graph.initializer if table.name.endswith(weights))
    table.CopyFrom(numpy_helper.from_array(np.array(bias, dtype=np.float32), table.name))
    ruined = file.with_name("ruined.onnx")
    onnx.save(model, ruined)
    return ruined


RUINED = [("frame_head.bias", [-50, 50]), ("mention_head.bias", [50, -50, -50]), ("stance_head.bias", [0, 50, 0])]


@pytest.mark.parametrize(("weights", "bias"), RUINED)
def test_int8_with_a_ruined_head_is_refused(
    decided: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weights: str, bias: Sequence[float]
) -> None:
    def altered(plain: Path, out: Path, calibration: Sequence[Window], length: int) -> float:
        return quantise(ruin(plain, weights, bias), out, calibration, length)

    monkeypatch.setattr("training.export.quantise", altered)
    with pytest.raises(ParityError, match="agree on .*of the mentions"):
        export(decided, tmp_path / "out", "tiny", "1")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("weights", "bias"), [*RUINED, ("frame_head.bias", [np.nan, 0])])
def test_a_float32_export_with_a_ruined_head_is_refused(
    decided: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weights: str, bias: Sequence[float]
) -> None:
    def altered(network: FramelineModel, file: Path) -> None:
        export_onnx(network, file)
        ruin(file, weights, bias).replace(file)

    monkeypatch.setattr("training.export.export_onnx", altered)
    with pytest.raises(ParityError, match="differs from torch|no number"):
        export(decided, tmp_path / "out", "tiny", "1", "float32")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("field", ["torch_to_onnx", "frames", "mentions", "stances"])
def test_what_is_no_number_is_not_close_enough(field: str) -> None:
    close = Parity(sentences=1, torch_to_onnx=0, frames=1, mentions=1, stances=1)
    check_parity(close)
    with pytest.raises(ParityError):
        check_parity(close.model_copy(update={field: float("nan")}))


def test_parity_is_measured_on_held_out_sentences(decided: Path, annotations: list[Annotation], tmp_path: Path) -> None:
    parity = export(decided, tmp_path / "out", "tiny", "1")
    settings = read_record(decided).settings
    assert parity.sentences == len(part(annotations, "test", settings)) + len(
        part(annotations, "development", settings)
    )
    assert parity.torch_to_onnx < 1e-4
    assert (parity.frames, parity.mentions, parity.stances) == (1, 1, 1)


def test_an_unfinished_run_is_an_error(run_folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(run_folder, tmp_path / "run"))
    (copy / METRICS).unlink()
    with pytest.raises(RunError, match="no finished run"):
        export(copy, tmp_path / "out", "tiny", "1")
