"""A checkpoint says itself what it has seen, wherever it is taken."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from frameline import main
from model.annotation import Annotation
from model.checkpoint import Checkpoint, seal
from model.seen import SEEN, Seen
from model.version import METRICS, RUN
from tests.checkpoints import vary
from training.export import export
from training.run import train
from training.run_folder import read_record
from training.seen import trace
from training.settings import TrainingSettings
from training.sources import Sources
from training.splits import Part, part_of


def with_record(checkpoint: Path, folder: Path, record: Seen) -> Path:
    """A copy of a checkpoint that has seen something else."""
    shutil.copytree(checkpoint, folder)
    record.write(folder)
    seal(folder)
    return folder


def as_annotations(file: Path, rows: Sequence[Annotation]) -> Path:
    file.write_text("".join(f"{row.model_dump_json()}\n" for row in rows), encoding="utf-8")
    return file


def test_an_exported_checkpoint_says_what_its_run_has_seen(run_folder: Path, checkpoint: Path, tmp_path: Path) -> None:
    documents = read_record(run_folder).documents
    alone = Path(shutil.copytree(checkpoint, tmp_path / "alone"))
    assert trace(alone) == (Seen.of(documents["train"], documents["development"]), ())
    (alone / SEEN).write_bytes((alone / SEEN).read_bytes().replace(b"[]", b'["old 1"]'))
    with pytest.raises(Exception, match=f"{SEEN} is damaged"):
        Checkpoint.open(alone)


def test_of_unknown_models_name_and_version_are_passed_on(checkpoint: Path, tmp_path: Path) -> None:
    """Not where they lie; and of those that are only named it is said, too, that they are unknown."""
    old = vary(checkpoint, tmp_path / "old", 0.5)
    child = with_record(checkpoint, tmp_path / "child", Seen.of(["a"]) | trace(old).record)
    assert trace(child).seen == Seen(train=Seen.of(["a"]).train, unknown=frozenset({"tiny 1.0"}))
    assert str(tmp_path) not in (child / SEEN).read_text(encoding="utf-8")
    (doubt,) = trace(child).doubts()
    assert doubt.startswith("tiny 1.0, an ancestor of the base or the teacher: what it was trained on is not known; if")
    (doubt,) = trace(old).doubts()
    assert doubt.startswith(f"{old}: what it was trained on is not known, since it has no {SEEN} and no finished run")
    assert trace(tmp_path / "gone").record.unknown == {"a model that is no longer there"}


def test_a_run_of_an_earlier_version_unites_its_own_record_with_its_bases(checkpoint: Path, tmp_path: Path) -> None:
    base = with_record(checkpoint, tmp_path / "base", Seen.of(["a"], ["b"]))
    run = tmp_path / "run"
    run.mkdir()
    record = {"settings": {}, "data": {}, "documents": {"train": ["c"]}, "base": str(base), "teacher": str(base)}
    (run / RUN).write_text(json.dumps(record), encoding="utf-8")
    (run / METRICS).write_text("{}", encoding="utf-8")
    assert trace(run) == (Seen.of("ac", "b"), ())


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
def test_from_checkpoint_to_checkpoint_nothing_that_was_seen_is_held_out_or_compared_on(
    annotations: list[Annotation],
    annotation_file: Path,
    codebook_file: Path,
    encoder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With no folder of a run and no registry around either."""
    monkeypatch.setattr("training.parity.AGREEMENT", 0.0)
    monkeypatch.setattr("training.speed._SENTENCES", 4)
    monkeypatch.setenv("FRAMELINE_REGISTRY", str(tmp_path / "registry"))
    settings = TrainingSettings(encoder=str(encoder), window=24, overlap=6, held_out=0.2, epochs=1, batch_size=8)
    said: list[str] = []

    def make(name: str, sources: Sources, seed: int) -> tuple[Path, dict[Part, tuple[str, ...]]]:
        train(sources, settings.model_copy(update={"seed": seed}), tmp_path / "run", said.append)
        documents: dict[Part, tuple[str, ...]] = {**read_record(tmp_path / "run").documents}
        export(tmp_path / "run", tmp_path / name, name, "1", "float32")
        shutil.rmtree(tmp_path / "run")
        return tmp_path / name, documents

    a, of_a = make("a", Sources((annotation_file,), codebook_file), 1)
    shared = next(name for name in of_a["train"] if part_of(name, 2, 0.2) != "train")
    others = [
        one.model_copy(
            update={"document": shared if one.document == "d0" else f"n-{one.document}", "id": f"n-{one.id}"}
        )
        for one in annotations
    ]
    further = as_annotations(tmp_path / "further.jsonl", others)
    b, of_b = make("b", Sources((further,), codebook_file, base=a), 2)
    assert not [line for line in said if "is not known" in line]
    assert shared in of_b["train"]
    assert all(of_b.values())
    assert trace(b).seen == Seen.of((*of_a["train"], *of_b["train"]), (*of_a["development"], *of_b["development"]))

    everything = as_annotations(tmp_path / "everything.jsonl", [*annotations, *others])
    out = tmp_path / "out.json"
    arguments = ["models", "compare", a, b, "--annotations", everything, "--json", out]
    compared = CliRunner().invoke(main, [*map(str, arguments)], terminal_width=200)
    assert compared.exit_code == 0, compared.output
    assert "No full record" not in compared.stdout
    content = json.loads(out.read_bytes())
    seen = {name for of in (of_a, of_b) for part in ("train", "development") for name in of[part]}
    assert {one["document"] for one in content["known"]} == seen
    assert content["documents"] == len({*of_a["test"], *of_b["test"]})
    assert {one["part"] for one in content["known"] if one["document"] == shared} == {"train"}


def test_an_incomplete_record_counts_and_is_told(
    checkpoint: Path, annotations: list[Annotation], tmp_path: Path
) -> None:
    record = Seen.of(["d1"]) | Seen(unknown=frozenset({"old 1"}))
    whole = with_record(checkpoint, tmp_path / "whole", Seen.of(["d2"]))
    partly = with_record(checkpoint, tmp_path / "partly", record)
    file = as_annotations(tmp_path / "held-out.jsonl", annotations)
    arguments = ["models", "compare", whole, partly, "--annotations", file, "--registry", tmp_path / "registry"]
    compared = CliRunner().invoke(main, [*map(str, arguments)], terminal_width=200)
    assert compared.exit_code == 0, compared.output
    words = " ".join(compared.stdout.split())
    assert f"WARNING {whole} was trained on 2 of the sentences, of 1 documents: d2. They are left out." in words
    assert f"WARNING {partly} was trained on 2 of the sentences, of 1 documents: d1. They are left out." in words
    assert f"No full record says what {partly} saw in training: make sure" in words
