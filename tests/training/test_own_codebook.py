"""From a table of texts and labels to a served model, with codebooks that are not ours."""

import csv
import json
import shutil
import warnings
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from frameline import main
from model.checkpoint import CODEBOOK, CONFIG, Checkpoint, digest, seal
from model.codebook import Codebook
from model.labeller import Labeller
from model.version import METRICS
from service.app import create_app
from service.settings import ServiceSettings
from tests.conftest import ROOT
from training.run_folder import NETWORK, REPORT, load_run

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"),
]
NINE = ROOT / "docs/nine-frames.csv"


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Barely trained tiny networks leave many labels on the edge, where int8 tips them."""
    monkeypatch.setattr("training.parity.AGREEMENT", 0.0)


@pytest.mark.usefixtures("lenient")
def test_nine_frames_from_a_table_to_an_answer(encoder: Path, tmp_path: Path) -> None:
    codebook, folder, checkpoint = tmp_path / "codebook.yaml", tmp_path / "run", tmp_path / "checkpoint"
    run("codebook", "new", "--from", NINE, "--out", codebook)
    schema = Codebook.load(codebook)
    assert len(schema.frames) == 9
    assert schema.frames_per_sentence == "exactly_one"
    options = ("--codebook", codebook, "--encoder", encoder, "--epochs", "1", "--learning-rate", "1e-3", "--folds", "2")
    said = run("train", "--from-annotations", NINE, *options, "--out", folder).output
    assert "90 sentences of 90 documents" in said
    assert "cross-validation in 2 folds" in said
    assert "find no actors" in said
    assert len(json.loads((folder / METRICS).read_text(encoding="utf-8"))["folds"]) == 2
    assert "<svg" in (folder / REPORT).read_text(encoding="utf-8")
    run("export", folder, "--out", checkpoint)
    with TestClient(create_app(ServiceSettings(checkpoint=checkpoint))) as client:
        answer = client.post("/v1/classify", json={"text": "The bank paid late. The army said it would guard bread."})
    sentences = answer.json()["documents"][0]["sentences"]
    assert len(sentences) == 2
    for sentence in sentences:
        assert [score["frame"] for score in sentence["frames"]] == list(schema.frame_ids)
        assert sum(score["present"] for score in sentence["frames"]) == 1
        assert sum(score["probability"] for score in sentence["frames"]) == pytest.approx(1, abs=1e-5)
        assert sentence["actors"] == []


def test_learns_which_of_two_frames_and_none(encoder: Path, tmp_path: Path) -> None:
    table, codebook, folder = tmp_path / "table.csv", tmp_path / "codebook.yaml", tmp_path / "run"
    texts = {
        "guard": "the army said it would guard border",
        "flight": "people fled town with bread",
        "": "ally paid late",
    }
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "label"])
        writer.writerows((f"{text} {number}", label) for number in range(16) for label, text in texts.items())
    run("codebook", "new", "--from", table, "--out", codebook)
    assert Codebook.load(codebook).frames_per_sentence == "at_most_one"
    options = ("--codebook", codebook, "--encoder", encoder, "--epochs", "6", "--learning-rate", "5e-3", "--folds", "2")
    run("train", "--from-annotations", table, *options, "--out", folder)
    labeller = load_run(folder)
    for label, text in texts.items():
        (sentence,) = labeller.classify(text, split=False).sentences
        assert [score.frame for score in sentence.frames if score.present] == ([label] if label else [])
    labeller.close()


@pytest.mark.usefixtures("lenient")
def test_a_checkpoint_lends_its_actors_to_other_frames(
    checkpoint: Path, encoder: Path, codebook_file: Path, tmp_path: Path
) -> None:
    """The base's mention and stance heads serve a codebook with other frames, though nobody marked an actor."""
    own = tmp_path / "own.yaml"
    text = codebook_file.read_text(encoding="utf-8").replace("id: guarding", "id: watching")
    own.write_text(text, encoding="utf-8")
    table = tmp_path / "table.csv"
    rows = [
        f"Arland said it would guard the border {number} .,1,0\nPeople fled the town with Voss {number} .,0,1\n"
        for number in range(12)
    ]
    table.write_text("text,watching,fleeing\n" + "".join(rows), encoding="utf-8")
    base = Checkpoint.open(checkpoint)
    lent = tmp_path / "lent"
    lent.mkdir()
    for file in checkpoint.iterdir():
        shutil.copy(file, lent)
    config = base.config.model_copy(update={"encoder": encoder.name})
    (lent / CONFIG).write_text(config.model_dump_json(), encoding="utf-8")
    seal(lent)
    options = ("--codebook", own, "--base", lent, "--encoder", encoder, "--epochs", "2", "--folds", "2")
    said = run("train", "--from-annotations", table, *options, "--out", tmp_path / "run").output
    assert "actors and stances stay as tiny has them" in said
    trained, before = load_run(tmp_path / "run"), Labeller.from_checkpoint(checkpoint, threads=1)
    sentence = "Arland said that Mara Voss paid late ."
    after, earlier = (one.classify(sentence, split=False).sentences[0] for one in (trained, before))
    assert [actor.mention for actor in after.actors] == [actor.mention for actor in earlier.actors]
    assert trained.config.thresholds.mention == before.config.thresholds.mention
    trained.close()
    before.close()


def test_the_same_table_and_seed_give_the_same_weights(encoder: Path, tmp_path: Path) -> None:
    codebook = tmp_path / "codebook.yaml"
    run("codebook", "new", "--from", NINE, "--out", codebook)
    options = ("--codebook", codebook, "--encoder", encoder, "--epochs", "1", "--folds", "2")
    for name in ("one", "other"):
        run("train", "--from-annotations", NINE, *options, "--out", tmp_path / name)
    one, other = (digest(tmp_path / name / NETWORK / "model.safetensors") for name in ("one", "other"))
    assert one == other
    assert (tmp_path / "one" / CODEBOOK).read_bytes() == codebook.read_bytes()
