import random
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest

from model.actors import ActorList
from model.annotation import Annotation
from model.checkpoint import MODEL, Checkpoint
from model.codebook import Codebook
from model.decoding import frame_probabilities
from model.network import FramelineModel
from model.runtime import OnnxRuntime, Output
from model.tokens import SentenceTokenizer, Window
from tests.conftest import WORDS
from training.export import export, export_onnx
from training.parity import ParityError
from training.run_folder import METRICS, RunError, part, read_record
from training.torch_runtime import TorchRuntime


@pytest.fixture
def windows(encoder: Path, codebook: Codebook) -> list[Window]:
    tokenizer = SentenceTokenizer(encoder / "tokenizer.json", 24, 6)
    actors = ActorList(codebook)
    draw = random.Random(0)
    texts = [" ".join(draw.choices([*WORDS.split(), "Arland", "Voss"], k=draw.randint(0, 30))) for _ in range(60)]
    return [window for text in texts for window in tokenizer(text, actors.find(text)).windows]


def probabilities(output: Output) -> np.ndarray:
    stances = np.exp(output.stances) / np.exp(output.stances).sum(axis=1, keepdims=True)
    return np.concatenate([frame_probabilities(output.frames), stances.ravel()])


def test_onnx_in_float32_gives_what_torch_gives(network: FramelineModel, windows: list[Window], tmp_path: Path) -> None:
    export_onnx(network, tmp_path / MODEL)
    exported, torch = OnnxRuntime(tmp_path / MODEL), TorchRuntime(network)
    for window in windows:
        assert np.allclose(probabilities(exported.run(window)), probabilities(torch.run(window)), atol=1e-4)


def test_int8_is_close_and_its_embeddings_are_rows(
    network: FramelineModel, windows: list[Window], checkpoint: Path
) -> None:
    quantised, torch = OnnxRuntime(checkpoint / MODEL), TorchRuntime(network)
    for window in windows:
        difference = probabilities(quantised.run(window)) - probabilities(torch.run(window))
        assert np.abs(difference).mean() < 0.05
    graph = onnx.load(checkpoint / MODEL).graph
    assert any(node.op_type == "MatMulIntegerToFloat" for node in graph.node)
    assert Checkpoint.open(checkpoint).config.fixed_scales


def test_a_checkpoint_that_strays_is_refused(run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.parity.AGREEMENT", 1.01)
    with pytest.raises(ParityError, match="agree on"):
        export(run_folder, tmp_path / "out", "tiny", "1")
    assert not (tmp_path / "out").exists()


def test_parity_is_measured_on_held_out_sentences(
    run_folder: Path, annotations: list[Annotation], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.parity.AGREEMENT", 0.0)
    parity = export(run_folder, tmp_path / "out", "tiny", "1")
    settings = read_record(run_folder).settings
    assert parity.sentences == len(part(annotations, "test", settings)) + len(
        part(annotations, "development", settings)
    )
    assert parity.torch_to_onnx < 1e-4
    assert 0.5 <= parity.frames <= 1
    assert 0.5 <= parity.stances <= 1


def test_an_unfinished_run_is_an_error(run_folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(run_folder, tmp_path / "run"))
    (copy / METRICS).unlink()
    with pytest.raises(RunError, match="no finished run"):
        export(copy, tmp_path / "out", "tiny", "1")
