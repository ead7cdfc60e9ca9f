"""What `frameline train` says before it trains, and which codebook it takes."""

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from frameline import main
from model.annotation import NOBODY, Annotation
from model.checkpoint import CODEBOOK, DEFAULT
from training.options import FOLDER, usual_codebook
from training.sources import Sources


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def suggested(annotations: list[Annotation], tmp_path: Path) -> Path:
    """Three annotated sentences, the second of which nobody has annotated yet."""
    rows = [json.loads(one.model_dump_json()) for one in annotations[:3]]
    rows[1] |= {"annotator": NOBODY, "frames": [], "actors": []}
    file = tmp_path / "suggested.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


@pytest.mark.parametrize("command", ["train", "evaluate", "compare"])
def test_what_nobody_has_annotated_neither_teaches_nor_measures(
    command: str, suggested: Path, checkpoint: Path, codebook_file: Path, tmp_path: Path
) -> None:
    arguments: dict[str, tuple[str | Path, ...]] = {
        "train": ("train", "--codebook", codebook_file, "--out", tmp_path / "run"),
        "evaluate": ("evaluate", checkpoint),
        "compare": ("models", "compare", checkpoint, checkpoint, "--registry", tmp_path / "registry"),
    }
    result = run(*arguments[command], "--annotations", suggested)
    assert result.exit_code == 2, result.output
    assert f"{suggested}:2: annotator: nobody has annotated this sentence yet" in result.output
    assert f"{suggested}:1" not in result.output
    assert not (tmp_path / "run").exists()


def test_the_codebook_is_that_of_the_base(
    run_folder: Path, annotation_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[Path] = []

    def take(sources: Sources, *_: object) -> dict[str, object]:
        taken.append(sources.codebook)
        return {}

    monkeypatch.setattr("training.run.train", take)
    monkeypatch.chdir(tmp_path)
    options = ("--annotations", annotation_file, "--encoder", "minilm", "--out", tmp_path / "run")
    result = run("train", *options, "--base", run_folder)
    assert result.exit_code == 0, result.output
    assert taken == [run_folder / CODEBOOK]
    assert run("train", *options, "--base", "default").exit_code == 2  # the shipped codebook has no such frames


def test_frames_that_no_sentence_has_are_named(
    codebook_file: Path, encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.run.train", lambda *_: {})
    table = tmp_path / "table.csv"
    table.write_text("text,guarding\nOne guards it.,1\nBread.,0\n", encoding="utf-8")
    options = ("--codebook", codebook_file, "--encoder", encoder, "--out", tmp_path / "run")
    result = run("train", "--annotations", table, *options)
    assert result.exit_code == 0, result.output
    assert "no sentence has fleeing: the model learns that no text does; is a table's column missing?" in result.output
    table.write_text("text,guarding,fleeing\nOne guards it.,1,0\nBread.,0,1\n", encoding="utf-8")
    other = (*options[:-1], tmp_path / "other")
    assert "no sentence has" not in run("train", "--annotations", table, *other).output


def test_the_usual_codebook_is_that_of_the_folder_or_the_shipped_one(
    codebook_file: Path, annotation_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert usual_codebook() == DEFAULT / CODEBOOK
    assert "(security_justification, humanitarian_concern" in run("annotations", "validate", annotation_file).output
    FOLDER.mkdir(parents=True)
    (FOLDER / CODEBOOK).write_bytes(codebook_file.read_bytes())
    assert usual_codebook() == FOLDER / CODEBOOK
    assert run("annotations", "validate", annotation_file).exit_code == 0


def _commands(group: click.Group, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*words, name)
        if isinstance(command, click.Group):
            yield from _commands(command, (*words, name))


def test_no_help_shows_what_was_meant_for_its_layout() -> None:
    for words in _commands(main):
        result = run(*words, "--help")
        assert result.exit_code == 0, words
        assert "\\b" not in result.stdout, words


def test_annotations_have_the_faults_that_validate_names(annotation_file: Path, codebook_file: Path) -> None:
    with annotation_file.open("ab") as stream:
        stream.write(b'{"id": "\xff"}\n{"id": 1}\n' + b"[" * 100_000)
    checked = run("annotations", "validate", annotation_file, "--codebook", codebook_file)
    trained = run("train", "--annotations", annotation_file, "--codebook", codebook_file, "--out", "nowhere")
    assert (checked.exit_code, trained.exit_code) == (2, 2)
    *faults, _ = checked.stderr.splitlines()  # the last line counts them
    assert trained.stderr.splitlines() == faults
    assert all(any(f"{annotation_file}:{line}: " in fault for fault in faults) for line in (61, 62, 63))


def test_a_single_document_is_too_few(
    annotation_file: Path, codebook_file: Path, encoder: Path, tmp_path: Path
) -> None:
    one = tmp_path / "one.jsonl"
    one.write_text(annotation_file.read_text(encoding="utf-8").splitlines()[0], encoding="utf-8")
    options = ("--codebook", codebook_file, "--encoder", encoder, "--out", tmp_path / "run")
    result = run("train", "--annotations", one, *options)
    assert result.exit_code == 2, result.output
    assert "too few documents: all sentences are of one" in result.stderr
    assert "--folds" not in result.stderr


@pytest.mark.parametrize("name", ["no/such", "EMPTY"])
def test_an_encoder_that_is_not_there_is_a_clear_error(
    name: str, annotation_file: Path, codebook_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "EMPTY").mkdir()
    encoder = tmp_path / name if name == "EMPTY" else name
    out = tmp_path / "run"
    result = run(
        "train", "--annotations", annotation_file, "--codebook", codebook_file, "--encoder", encoder, "--out", out
    )
    assert result.exit_code == 2, result.output
    assert f"the encoder '{name}' cannot be read" in result.stderr
    assert not out.exists()


def test_what_is_refused_leaves_the_folder_to_the_next_attempt(
    codebook_file: Path, encoder: Path, tmp_path: Path
) -> None:
    table, out = tmp_path / "table.csv", tmp_path / "run"
    table.write_text("text,label\nThe army waits.,guarding\nPeople run.,fleeing\n", encoding="utf-8")
    result = run(
        "train",
        *("--from-annotations", table, "--codebook", codebook_file, "--encoder", encoder),
        *("--folds", "9", "--out", out),
    )
    assert result.exit_code == 2
    assert "too few documents for --folds 9: 2; annotate sentences of more documents, or give fewer" in result.stderr
    assert not out.exists()
