import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from frameline import main
from model.annotation import Annotation
from tests.conftest import ROOT


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("evaluate", "nowhere"), "no finished run"),
        (("train", "--out", "x", "--epochs", "0"), "epochs"),
        (("train", "--out", "x", "--seed", "-1"), "'--seed': -1 is not in the range 0<=x<=4294967295"),
        (("train", "--out", "x", "--seed", "99999999999"), "'--seed': 99999999999 is not in the range"),
        (("train", "--out", "x", "--learning-rate", "inf"), "learning_rate: Input should be a finite number"),
        (("train", "--out", "x", "--annotations", "nothing.jsonl", "--codebook", "CODEBOOK"), "nothing.jsonl"),
        (("train", "--out", "x", "--codebook", "nothing.yaml"), "nothing.yaml"),
        (("export", "nowhere", "--out", "x"), "no finished run"),
        (("annotations", "validate", "nothing.jsonl", "--codebook", "CODEBOOK"), "cannot be read"),
    ],
)
def test_errors_are_one_line_and_exit_code_2(
    arguments: tuple[str, ...], expected: str, codebook_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*(str(codebook_file) if argument == "CODEBOOK" else argument for argument in arguments))
    assert result.exit_code == 2
    assert expected in result.output
    assert "Traceback" not in result.output
    assert not Path("x").exists()


def test_validate_names_every_fault(annotation_file: Path, codebook_file: Path) -> None:
    with annotation_file.open("a", encoding="utf-8") as stream:
        stream.write('{"id": 1}\n{\n')
    result = run("annotations", "validate", annotation_file, "--codebook", codebook_file)
    assert result.exit_code == 2
    assert f"{annotation_file}:61: id" in result.output
    assert f"{annotation_file}:61: text" in result.output
    assert f"{annotation_file}:62" in result.output
    assert "faults in 1 file\n" in result.output


def test_validate_names_what_is_missing_and_every_other_fault(codebook_file: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.jsonl").write_text("{\n", encoding="utf-8")
    paths = [tmp_path / name for name in ("none.jsonl", "empty", "bad.jsonl")]
    result = run("annotations", "validate", *paths, "--codebook", codebook_file)
    assert result.exit_code == 2
    assert f"{tmp_path}/none.jsonl: cannot be read" in result.output
    assert f"{tmp_path}/empty: no JSON Lines files there" in result.output
    assert result.output.count(f"{tmp_path}/bad.jsonl:1: ") == 1
    assert "3 faults in 2 files" in result.output
    one = run("annotations", "validate", tmp_path / "bad.jsonl", "--codebook", codebook_file)
    assert "frameline: 1 fault in 1 file\n" in one.output


def test_validate_counts_a_sentence_once(annotations: list[Annotation], codebook_file: Path, tmp_path: Path) -> None:
    rows = [one.model_copy(update={"annotator": name}) for one in annotations[:3] for name in ("ana", "ben")]
    (tmp_path / "both.jsonl").write_text("".join(f"{one.model_dump_json()}\n" for one in rows), encoding="utf-8")
    result = run("annotations", "validate", tmp_path, "--codebook", codebook_file)
    assert (result.exit_code, result.output) == (0, "1 file: 6 annotations of 3 sentences; no faults\n")


def test_the_projects_own_annotations_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = run("annotations", "validate")
    assert result.exit_code == 0, result.output
    assert "no faults" in result.output


def test_the_projects_own_annotations_are_as_many_and_as_varied_as_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = run("annotations", "describe")
    assert result.exit_code == 0, result.output
    lines = dict(line.split(": ", 1) for line in result.output.splitlines())
    assert int(lines["sentences"]) >= 1_500
    assert int(lines["documents"]) >= 150
    assert int(lines["conflicts"]) >= 25
    assert float(lines["near duplicates"]) < 0.01
    assert 0.4 < int(lines["no frame"]) / int(lines["sentences"]) < 0.6
    for genre in ("wire", "analysis", "op-ed", "interview", "statement", "tabloid", "blog", "social"):
        assert f"{genre} " in lines["genres"]


def test_agreement_of_the_projects_own_passes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(ROOT)
    result = run("annotations", "agreement", "--json", tmp_path / "agreement.json")
    assert result.exit_code == 0, result.output
    rows = {row["label"]: row for row in json.loads((tmp_path / "agreement.json").read_text(encoding="utf-8"))}
    assert all(rows[frame]["alpha"] > 0.8 for frame in ("security_justification", "alliance_criticism"))
    assert rows["stance"]["alpha"] > 0.8


def test_a_file_without_annotations_is_a_fault(codebook_file: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n", encoding="utf-8")
    result = run("annotations", "validate", tmp_path / "empty.jsonl", "--codebook", codebook_file)
    assert (result.exit_code, "no annotated sentence there" in result.output) == (2, True)


def test_codebook_commands(codebook_file: Path, tmp_path: Path) -> None:
    result = run("codebook", "validate", codebook_file)
    assert result.exit_code == 0
    assert "guarding, fleeing" in result.output
    copy = tmp_path / "codebook.yaml"
    copy.write_bytes((ROOT / "data/annotations/codebook.yaml").read_bytes())
    assert run("codebook", "states", copy).exit_code == 0


def test_hydrate(codebook_file: Path, tmp_path: Path) -> None:
    import hashlib

    text = "Arland paid late."
    record = {"id": "s", "document": "d", "corpus": "c", "corpus_document": "d", "start": 0, "end": len(text)}
    record |= {"sha256": hashlib.sha256(text.encode()).hexdigest(), "frames": [], "actors": []}
    record |= {"annotator": "a", "origin": "c"}
    gone = {**record, "id": "t", "corpus_document": "e"}
    (tmp_path / "standoff.jsonl").write_text(json.dumps(record) + "\n" + json.dumps(gone) + "\n", encoding="utf-8")
    (tmp_path / "corpus.jsonl").write_text(json.dumps({"id": "d", "text": text}) + "\n", encoding="utf-8")
    options = ("--corpus", tmp_path / "corpus.jsonl", "--out", tmp_path / "out.jsonl", "--codebook", codebook_file)
    result = run("annotations", "hydrate", tmp_path / "standoff.jsonl", *options)
    assert result.exit_code == 0, result.output
    assert "1 annotations; 1 missing" in result.output
    assert "missing: t" in result.output
    for read in ("corpus.jsonl", "standoff.jsonl"):
        over = run("annotations", "hydrate", tmp_path / "standoff.jsonl", *options[:2], "--out", tmp_path / read)
        assert (over.exit_code, f"{read}: is read here" in over.output) == (2, True)
    nowhere = run("annotations", "hydrate", tmp_path / "gone.jsonl", *options[:2], "--out", tmp_path / "no" / "out")
    assert (nowhere.exit_code, f"there is no folder {tmp_path / 'no'}" in nowhere.output) == (2, True)
    (tmp_path / "other.jsonl").write_text(json.dumps({"id": "x", "text": text}) + "\n", encoding="utf-8")
    other = ("--corpus", tmp_path / "other.jsonl", "--out", tmp_path / "none.jsonl", "--codebook", codebook_file)
    nothing = run("annotations", "hydrate", tmp_path / "standoff.jsonl", *other)
    assert (nothing.exit_code, "other.jsonl: has none of the 2 sentences' documents" in nothing.output) == (2, True)
    assert not (tmp_path / "none.jsonl").exists()
    checked = run("annotations", "validate", tmp_path / "out.jsonl", "--codebook", codebook_file)
    assert "1 file: 1 annotation of 1 sentence; no faults" in checked.output
    assert run("annotations", "validate", tmp_path / "standoff.jsonl", "--codebook", codebook_file).exit_code == 0
