import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from frameline import main
from model.annotation import Annotation
from model.checkpoint import CODEBOOK, digest
from training.run_folder import NETWORK, read_record, write_record


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_evaluate_prints_a_table_and_writes_json(checkpoint: Path, annotation_file: Path, tmp_path: Path) -> None:
    result = run("evaluate", checkpoint, "--annotations", annotation_file, "--json", tmp_path / "out.json")
    assert result.exit_code == 0, result.output
    for word in ("guarding", "fleeing", "macro average", "actor mention", "critical", "95 % interval", "Support"):
        assert word in result.output
    (content,) = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert content["sentences"] == 60
    assert content["sections"][0]["title"] == "Frames"
    assert content["seen"]["train"] + content["seen"]["development"] in range(1, 60)
    assert f"{content['seen']['train']} of these 60 sentences are of documents that the model has learned" in " ".join(
        result.output.split()
    )


def test_of_sentences_that_a_run_held_out_none_is_called_seen(run_folder: Path) -> None:
    result = run("evaluate", run_folder)
    assert result.exit_code == 0, result.output
    assert "the model has learned" not in " ".join(result.output.split())


def test_evaluate_shows_accuracy_against_coverage(run_folder: Path, annotation_file: Path, tmp_path: Path) -> None:
    record = {"id": "a_b_c", "sentence": "Voss fled", "from": 0, "to": 4, "mention": "Voss", "polarity": 1}
    for part in ("rw_test", "mt_test"):
        (tmp_path / f"{part}.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    options = ("--annotations", annotation_file, "--held-out", run_folder, "--newsmtsc", tmp_path)
    result = run("evaluate", run_folder, *options, "--coverage", "--json", tmp_path / "out.json")
    assert result.exit_code == 0, result.output
    assert "Min confidence" in result.output
    assert "100.0%" in result.output
    content = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert len(content) == 4
    assert all(entry["sections"] for entry in content)
    assert [level["min_confidence"] for level in content[0]["coverage"]] == [0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]
    assert content[2]["coverage"][0]["frames"] is None


def test_evaluate_takes_a_run_folder_and_newsmtsc(run_folder: Path, tmp_path: Path) -> None:
    record = {"id": "a_b_c", "sentence": "Voss fled", "from": 0, "to": 4, "mention": "Voss", "polarity": 1}
    for part in ("rw_test", "mt_test"):
        (tmp_path / f"{part}.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    result = run("evaluate", run_folder, "--newsmtsc", tmp_path)
    assert result.exit_code == 0, result.output
    assert "NewsMTSC rw_test" in result.output
    assert "NewsMTSC mt_test" in result.output


def test_a_runs_annotations_that_have_changed_are_not_read_again(run_folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(run_folder, tmp_path / "run"))
    file = copy / "learned.jsonl"
    made = {"annotations": (file,), "data": {str(file): digest(file), "hub: somebody/newsmtsc": "0"}}
    write_record(copy, read_record(copy).model_copy(update=made))
    assert run("evaluate", copy).exit_code == 0
    file.write_text(file.read_text(encoding="utf-8").replace("fleeing", "guarding"), encoding="utf-8")
    for arguments in (("evaluate", copy), ("evaluate", run_folder, "--held-out", copy), ("export", copy, "--out", "x")):
        result = run(*arguments)
        assert result.exit_code == 2
        assert f"{file}: not the file that the run was made from" in result.stderr
        assert "train anew" in result.stderr
    assert run("evaluate", copy, "--annotations", file).exit_code == 0
    file.unlink()
    for arguments in (("evaluate", copy), ("export", copy, "--out", "x")):
        result = run(*arguments)
        assert result.exit_code == 2
        assert f"{file}: cannot be read" in result.stderr


@pytest.mark.parametrize("option", ["--json", "--errors", "--reliability"])
@pytest.mark.parametrize(
    ("target", "expected"),
    [("nope/x", "there is no folder {}/nope"), ("", "is a folder"), ("/dev/null/x", "there is no folder /dev/null")],
)
def test_what_cannot_be_written_stops_it_before_it_measures(
    option: str,
    target: str,
    expected: str,
    checkpoint: Path,
    annotation_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("training.evaluate_command.label_annotations", None)
    result = run("evaluate", checkpoint, "--annotations", annotation_file, option, tmp_path / target)
    assert result.exit_code == 2, result.output
    assert expected.format(tmp_path) in result.stderr


def test_a_permission_is_checked_before_it_measures(
    checkpoint: Path, annotation_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: path != tmp_path)
    result = run("evaluate", checkpoint, "--annotations", annotation_file, "--json", tmp_path / "x.json")
    assert (result.exit_code, "x.json: cannot be written: permission denied" in result.stderr) == (2, True)


def test_newsmtsc_that_is_not_there_is_a_clear_error(checkpoint: Path, annotation_file: Path) -> None:
    result = run("evaluate", checkpoint, "--newsmtsc", "no/such")
    assert result.exit_code == 2, result.output
    assert "--newsmtsc no/such: neither a folder nor to be had from the hub" in result.stderr


def test_newsmtsc_is_not_measured_under_other_stances(
    run_folder: Path, annotation_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither is anything else before."""
    monkeypatch.setattr("training.evaluate_command.label_annotations", None)
    renamed = tmp_path / "renamed"
    shutil.copytree(run_folder, renamed)
    codebook = renamed / CODEBOOK
    codebook.write_text(codebook.read_text("utf-8").replace("id: neutral", "id: named"), "utf-8")
    config = renamed / NETWORK / "config.json"
    config.write_text(config.read_text("utf-8").replace('"neutral"', '"named"'), "utf-8")
    annotation_file.write_text(annotation_file.read_text("utf-8").replace('"neutral"', '"named"'), "utf-8")
    result = run("evaluate", renamed, "--annotations", annotation_file, "--newsmtsc", tmp_path)
    assert result.exit_code == 2, result.output
    assert "lacks neutral of NewsMTSC's stances (its own are supportive, named, critical)" in result.stderr


@pytest.mark.parametrize("option", ["--json", "--errors", "--reliability"])
def test_figures_replace_nothing_that_is_measured_on(checkpoint: Path, annotation_file: Path, option: str) -> None:
    before = annotation_file.read_bytes()
    result = run("evaluate", checkpoint, "--annotations", annotation_file, option, annotation_file)
    assert (result.exit_code, "annotated.jsonl: is read here and would be replaced" in result.output) == (2, True)
    assert annotation_file.read_bytes() == before


def test_a_sentence_is_measured_once(
    checkpoint: Path, annotations: list[Annotation], codebook_file: Path, tmp_path: Path
) -> None:
    rows = [one.model_copy(update={"annotator": name}) for one in annotations[:3] for name in ("ana", "ben")]
    file = tmp_path / "both.jsonl"
    file.write_text("".join(f"{one.model_dump_json()}\n" for one in rows), encoding="utf-8")
    result = run("evaluate", checkpoint, "--annotations", file)
    assert (result.exit_code, "3 sentences have several annotators" in result.output) == (2, True)
    figures = tmp_path / "both.jsonl"
    over = run("annotations", "agreement", file, "--json", figures, "--codebook", codebook_file)
    assert (over.exit_code, "is read here" in over.output) == (2, True)


def test_labels_that_do_not_occur_are_no_failures(
    checkpoint: Path, annotations: list[Annotation], tmp_path: Path
) -> None:
    """One mention has one stance and is given one, which are two of three at most."""
    file = tmp_path / "one.jsonl"
    file.write_text(annotations[0].model_dump_json() + "\n", encoding="utf-8")
    result = run("evaluate", checkpoint, "--annotations", file)
    assert result.exit_code == 0, result.output
    rows = [line for line in result.output.splitlines() if "supportive" in line or "neutral" in line]
    assert any(row.count("–") == 4 for row in rows)


def test_corrections_under_a_codebook_with_further_actors_can_be_measured(
    checkpoint: Path, run_folder: Path, codebook_file: Path, annotations: list[Annotation], tmp_path: Path
) -> None:
    more, other, file = tmp_path / "more.yaml", tmp_path / "other.yaml", tmp_path / "corrected.jsonl"
    text = codebook_file.read_text(encoding="utf-8")
    more.write_text(f"{text}  - {{id: border, name: Border, kind: organisation}}\n", encoding="utf-8")
    other.write_text(text.replace("id: guarding", "id: holding"), encoding="utf-8")
    start = annotations[0].text.index("border")
    named = {"start": start, "end": start + 6, "stance": "neutral", "actor": "border"}
    row = json.loads(annotations[0].model_dump_json()) | {"actors": [named]}
    file.write_text(json.dumps(row), encoding="utf-8")
    for model in (checkpoint, run_folder):
        assert "'border' is not an actor of the codebook" in run("evaluate", model, "--annotations", file).output
        result = run("evaluate", model, "--annotations", file, "--codebook", more)
        assert result.exit_code == 0, result.output
        refused = run("evaluate", model, "--annotations", file, "--codebook", other)
        assert refused.exit_code == 2
        assert "use the checkpoint's own" in " ".join(refused.output.split())
    replaced = run("evaluate", checkpoint, "--annotations", file, "--codebook", more, "--json", more)
    assert "would be replaced" in " ".join(replaced.output.split())
