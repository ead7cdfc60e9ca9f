import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from click.testing import CliRunner
from onnx import numpy_helper

from frameline import main
from model.actors import ActorList
from model.annotation import Annotation
from model.checkpoint import CARD, CHECKSUMS, CODEBOOK, CONFIG, MODEL, TOKENIZER, Checkpoint
from model.codebook import Codebook
from model.decoding import frame_probabilities, softmax
from model.errors import CheckpointError
from model.labeller import Labeller
from model.network import FramelineModel
from model.runtime import OnnxRuntime, Output, Runtime
from model.seen import SEEN
from model.tokens import SentenceTokenizer, Window
from model.version import METRICS, RUN
from tests.conftest import WORDS
from training.export import export, export_onnx
from training.parity import Parity, ParityError, check_parity
from training.quantisation import quantise
from training.run_folder import NETWORK, RunError, part, read_record
from training.torch_runtime import TorchRuntime


@pytest.fixture
def windows(encoder: Path, codebook: Codebook) -> list[Window]:
    tokenizer = SentenceTokenizer(encoder / "tokenizer.json", 24, 6)
    actors = ActorList(codebook)
    draw = random.Random(0)
    texts = [" ".join(draw.choices([*WORDS.split(), "Arland", "Voss"], k=draw.randint(0, 30))) for _ in range(60)]
    return [window for text in texts for window in tokenizer(text, actors.find(text)).windows]


def probabilities(output: Output) -> np.ndarray:
    tokens = (softmax(logits.astype(np.float64)).ravel() for logits in (output.mentions, output.stances))
    return np.concatenate([frame_probabilities(output.frames), *tokens])


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


@pytest.fixture
def close(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Every export is close; the ids of the sentences that calibrate it, and of those on which it is compared."""
    used: list[list[str]] = []

    def windows(_: Labeller, annotations: Sequence[Annotation]) -> list[Window]:
        used.append([one.id for one in annotations])
        return []

    def measure(_trained: Labeller, _plain: Runtime, _small: Runtime, annotations: Sequence[Annotation]) -> Parity:
        used.append([one.id for one in annotations])
        return Parity(sentences=1, torch_to_onnx=0, frames=1, mentions=1, stances=1)

    monkeypatch.setattr("training.export._windows", windows)
    monkeypatch.setattr("training.export.measure_parity", measure)
    return used


def test_only_what_was_learned_from_calibrates(
    run_folder: Path, annotations: list[Annotation], tmp_path: Path, close: list[list[str]]
) -> None:
    folder = Path(shutil.copytree(run_folder, tmp_path / "run"))
    record = read_record(folder)
    _, chosen_by, kept, *train = record.documents["train"]
    _, *others = record.documents["test"]
    copy = next(one for one in annotations if one.document == others[0])
    rows = [*annotations, copy.model_copy(update={"id": "copy", "document": kept})]
    (folder / "learned.jsonl").write_text("".join(one.model_dump_json() + "\n" for one in rows), encoding="utf-8")
    parts = {**record.documents, "train": (chosen_by, kept, *train), "test": tuple(others)}  # as if two were reserved
    paths = {"annotations": (folder / "learned.jsonl",), "documents": parts, "chosen_by": (chosen_by,)}
    (folder / RUN).write_text(record.model_copy(update=paths).model_dump_json(), encoding="utf-8")
    export(folder, tmp_path / "out", "tiny", "1", "float32")
    held_out = {*others, *record.documents["development"]}
    assert close == [
        [one.id for one in annotations if one.document in {kept, *train}],
        [one.id for one in annotations if one.document in held_out],
    ]


@pytest.mark.usefixtures("close")
def test_a_checkpoint_is_replaced_as_a_whole(run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    (out / "notes").mkdir(parents=True)
    (out / CARD).write_text("A card.\n", encoding="utf-8")
    export(run_folder, out, "tiny", "1", "float32")
    there = sorted(file.name for file in out.iterdir())
    assert there == sorted([CARD, CHECKSUMS, CODEBOOK, CONFIG, MODEL, "notes", SEEN, TOKENIZER])
    assert Checkpoint.open(out).config.version == "1"
    copyfile = shutil.copyfile

    def fail(source: Path, target: Path) -> None:
        if source.name == CODEBOOK:
            raise OSError("the disk is full")
        copyfile(source, target)

    monkeypatch.setattr(shutil, "copyfile", fail)
    with pytest.raises(OSError, match="full"):
        export(run_folder, out, "tiny", "2", "float32", replace=True)
    assert Checkpoint.open(out).config.version == "1"
    assert sorted(file.name for file in out.iterdir()) == there


@pytest.mark.usefixtures("close")
def test_a_checkpoint_is_replaced_only_where_that_is_asked_for(run_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(run_folder, out, "tiny", "1", "float32")
    before = {file.name: file.read_bytes() for file in out.iterdir()}
    command = ["export", str(run_folder), "--out", str(out), "--version", "2", "--precision", "float32"]
    refused = CliRunner().invoke(main, command)
    assert refused.exit_code == 2
    assert refused.stderr == (
        f"frameline: {out}: a checkpoint is there; choose another --out, or replace it with --replace\n"
    )
    assert {file.name: file.read_bytes() for file in out.iterdir()} == before
    assert CliRunner().invoke(main, [*command, "--replace"]).exit_code == 0
    assert Checkpoint.open(out).config.version == "2"


@pytest.mark.usefixtures("close")
def test_nothing_but_a_checkpoint_is_replaced(run_folder: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(run_folder, tmp_path / "run"))
    for out in (run, run / NETWORK):
        before = {file.name: file.read_bytes() for file in out.iterdir() if file.is_file()}
        with pytest.raises(CheckpointError, match=f"{CONFIG}.* there would be replaced"):
            export(run, out, "tiny", "1", "float32", replace=True)
        assert {file.name: file.read_bytes() for file in out.iterdir() if file.is_file()} == before


def test_an_unfinished_run_is_an_error(run_folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(run_folder, tmp_path / "run"))
    (copy / METRICS).unlink()
    with pytest.raises(RunError, match="no finished run"):
        export(copy, tmp_path / "out", "tiny", "1")
