import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from frameline import main
from model.annotation import Annotation
from model.codebook import Codebook
from training.conflicts import compare, read_spans

TEXT = "Arland and Mara Voss paid late."


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["annotations", *map(str, arguments)])


def row(name: str, frames: list[str], actors: list[tuple[int, int, str, str | None]], **more: Any) -> dict[str, Any]:
    spans = [{"start": s, "end": e, "stance": stance, "actor": actor} for s, e, stance, actor in actors]
    return {
        "id": name,
        "document": f"d{name}",
        "text": TEXT,
        "frames": frames,
        "actors": spans,
        "origin": "test",
        **more,
    }


@pytest.fixture
def rated(tmp_path: Path) -> tuple[Path, Path]:
    """Two raters: agreed on 1; on 2 one frame, a boundary and a mention are in dispute; 3 is Ana's alone."""
    ana = [
        row("1", ["guarding"], [(0, 6, "critical", "arland")]),
        row("2", ["guarding", "fleeing"], [(0, 6, "critical", "arland"), (11, 20, "neutral", "mara-voss")]),
        row("3", [], []),
    ]
    ben = [
        row("1", ["guarding"], [(0, 6, "critical", "arland")]),
        row("2", ["fleeing"], [(16, 20, "neutral", "mara-voss")]),
    ]
    for name, rows in (("ana", ana), ("ben", ben)):
        lines = "".join(json.dumps({**one, "annotator": name}) + "\n" for one in rows)
        (tmp_path / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    return tmp_path / "ana.jsonl", tmp_path / "ben.jsonl"


def fill(sheet: Path, decisions: dict[str, str]) -> None:
    with sheet.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";" if ";what;" in sheet.read_text(encoding="utf-8") else ","))
    for one in rows:
        one["decision"] = decisions.get(one["what"], "")
        one["note"] = "talked it over"
    with sheet.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows([*rows, {}])  # as spreadsheets do, with an empty row at the end


def adjudicate(
    sheet: Path, rated: tuple[Path, Path], codebook_file: Path, out: Path, adjudicator: str = "carla"
) -> Result:
    files = [option for file in rated for option in ("--annotations", str(file))]
    return run("adjudicate", sheet, *files, "--adjudicator", adjudicator, "--out", out, "--codebook", codebook_file)


@pytest.fixture
def sheet(rated: tuple[Path, Path], codebook_file: Path, tmp_path: Path) -> Path:
    path = tmp_path / "conflicts.csv"
    result = run("agreement", *rated, "--conflicts", path, "--codebook", codebook_file)
    assert result.exit_code == 0, result.output
    assert "3 conflicts in 2 sentences" in result.output
    return path


def test_a_worksheet_shows_what_each_rater_said(sheet: Path) -> None:
    with sheet.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(one["what"], one["by ana"], one["by ben"]) for one in rows] == [
        ("frame guarding", "yes", "no"),
        ("actor 0-6", "0-6 “Arland” critical (arland)", "none"),
        ("actor 11-20", "11-20 “Mara Voss” neutral (mara-voss)", "16-20 “Voss” neutral (mara-voss)"),
    ]
    assert all(one["decision"] == one["note"] == "" for one in rows)


@pytest.mark.parametrize(
    ("decisions", "frames", "actors"),
    [
        (("Ben", "ana", "BEN"), ["fleeing"], [(0, 6, "critical"), (16, 20, "neutral")]),
        (("yes", "none", "11-20 supportive (mara-voss)"), ["guarding", "fleeing"], [(11, 20, "supportive")]),
        (("no", "supportive", "none"), ["fleeing"], [(0, 6, "supportive")]),
    ],
)
def test_decisions_become_annotations(
    decisions: tuple[str, str, str],
    frames: list[str],
    actors: list[tuple[int, int, str]],
    sheet: Path,
    rated: tuple[Path, Path],
    codebook_file: Path,
    tmp_path: Path,
) -> None:
    fill(sheet, dict(zip(("frame guarding", "actor 0-6", "actor 11-20"), decisions, strict=True)))
    out = tmp_path / "out.jsonl"
    result = adjudicate(sheet, rated, codebook_file, out)
    assert result.exit_code == 0, result.output
    assert "1 sentences that ana alone rated" in result.output
    agreed, decided = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    assert (agreed["id"], agreed["annotator"], agreed["frames"]) == ("1", "carla", ["guarding"])
    assert decided["frames"] == frames
    assert [(one["start"], one["end"], one["stance"]) for one in decided["actors"]] == actors
    assert all(one.get("actor") for one in decided["actors"])
    records = [json.loads(line) for line in (tmp_path / "out.record.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [len(record["decisions"]) for record in records] == [0, 3]
    assert records[1]["adjudicator"] == "carla"
    assert records[1]["raters"] == ["ana", "ben"]
    assert records[1]["decisions"][0]["note"] == "talked it over"
    assert set(records[1]["sources"]) == {str(sheet), *map(str, rated)}
    again = adjudicate(sheet, rated, codebook_file, out)
    assert again.exit_code == 2
    assert "is there already" in again.output


def test_undecided_spans_and_json_lines(rated: tuple[Path, Path], codebook_file: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "conflicts.jsonl"
    run("agreement", *rated, "--conflicts", sheet, "--codebook", codebook_file)
    rows = [json.loads(line) for line in sheet.read_text(encoding="utf-8").splitlines()]
    for one, decision in zip(rows, ("ana", "undecided", "16-20 undecided"), strict=True):
        one["decision"] = decision
    sheet.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    result = adjudicate(sheet, rated, codebook_file, tmp_path / "out.jsonl")
    assert result.exit_code == 0, result.output
    decided = json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()[1])
    assert decided["actors"] == []
    assert decided["undecided"] == [{"start": 0, "end": 6}, {"start": 16, "end": 20}]


@pytest.mark.parametrize("name", ["conflicts.csv", "conflicts.jsonl"])
def test_raters_who_agree_on_everything(name: str, codebook_file: Path, tmp_path: Path) -> None:
    rated = tmp_path / "ana.jsonl", tmp_path / "ben.jsonl"
    for file in rated:
        file.write_text(json.dumps(row("1", ["guarding"], [], annotator=file.stem)) + "\n", encoding="utf-8")
    result = run("agreement", *rated, "--conflicts", tmp_path / name, "--codebook", codebook_file)
    assert "0 conflicts in 1 sentences" in result.output
    result = adjudicate(tmp_path / name, rated, codebook_file, tmp_path / "out.jsonl")
    assert result.exit_code == 0, result.output
    assert "1 sentences, 0 conflicts decided by carla" in result.output


def test_faults_are_named_by_line(sheet: Path, rated: tuple[Path, Path], codebook_file: Path, tmp_path: Path) -> None:
    fill(sheet, {"frame guarding": "perhaps", "actor 0-6": "angry", "actor 11-20": "critical"})
    result = adjudicate(sheet, rated, codebook_file, tmp_path / "out.jsonl")
    assert result.exit_code == 2
    assert f"{sheet}:2: decision: 'perhaps' is none of yes, no" in result.output
    assert f"{sheet}:3: decision: 'angry' is no decision" in result.output
    assert f"{sheet}:4: decision: 'critical': the raters marked different spans" in result.output
    fill(sheet, {"frame guarding": "yes"})
    sheet.write_text(sheet.read_text(encoding="utf-8").replace("actor 0-6", "actor 0-7"), encoding="utf-8")
    result = adjudicate(sheet, rated, codebook_file, tmp_path / "out.jsonl")
    assert f"{sheet}:3: what: 'actor 0-7' is no conflict of '2'" in result.output
    assert f"{sheet}:4: decision: empty" in result.output
    assert "no row for the conflict 'actor 0-6'" in result.output
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        ("11-20 critical", [(11, 20, "mara-voss")]),
        ("16-20 critical", [(16, 20, "league")]),
        ("11-15 critical", [(11, 15, None)]),
        ("11-15 “and + Mara” critical + 16-20 critical", [(11, 15, None), (16, 20, "league")]),
        ("0-6 critical", None),
        ("20-25 undecided", None),
    ],
)
def test_a_decision_is_about_the_spans_of_its_conflict(
    decision: str, expected: list[tuple[int, int, str | None]] | None, codebook: Codebook
) -> None:
    rows = {
        "ana": Annotation.model_validate(row("1", [], [(11, 20, "neutral", "mara-voss")], annotator="ana")),
        "ben": Annotation.model_validate(row("1", [], [(16, 20, "neutral", "league")], annotator="ben")),
    }
    (conflict,) = compare(rows, codebook).conflicts
    if expected is None:
        with pytest.raises(ValueError, match="does not overlap 11-20"):
            read_spans(decision, rows, conflict, codebook)
        return
    found = read_spans(decision, rows, conflict, codebook)
    assert [(span.start, span.end, getattr(span, "actor", None)) for span in found] == expected


def test_a_raters_own_words_are_a_decision(codebook: Codebook) -> None:
    fields = {**row("1", [], [(0, 13, "critical", None)]), "text": "Disney + NATO paid late."}
    rows = {
        "ana": Annotation.model_validate({**fields, "annotator": "ana"}),
        "ben": Annotation.model_validate({**fields, "annotator": "ben", "actors": []}),
    }
    (conflict,) = compare(rows, codebook).conflicts
    assert conflict.values["ana"] == "0-13 “Disney + NATO” critical"
    assert read_spans(conflict.values["ana"], rows, conflict, codebook) == list(rows["ana"].actors)


@pytest.mark.parametrize("adjudicator", ["", "nobody"])
def test_somebody_decides(
    adjudicator: str, sheet: Path, rated: tuple[Path, Path], codebook_file: Path, tmp_path: Path
) -> None:
    fill(sheet, dict.fromkeys(("frame guarding", "actor 0-6", "actor 11-20"), "ana"))
    result = adjudicate(sheet, rated, codebook_file, tmp_path / "out.jsonl", adjudicator)
    assert result.exit_code == 2
    assert "--adjudicator" in result.output
    assert not (tmp_path / "out.jsonl").exists()


def test_an_adjudicator_who_cannot_be_written_leaves_no_file(
    sheet: Path, rated: tuple[Path, Path], codebook_file: Path, tmp_path: Path
) -> None:
    fill(sheet, dict.fromkeys(("frame guarding", "actor 0-6", "actor 11-20"), "ana"))
    before = set(tmp_path.iterdir())
    result = adjudicate(sheet, rated, codebook_file, tmp_path / "out.jsonl", "c\udcff")
    assert result.exit_code == 2
    assert r"out.jsonl: annotator: 'c\udcff' holds half of a surrogate pair" in result.output
    assert set(tmp_path.iterdir()) == before


def test_no_rater_is_called_like_a_decision(rated: tuple[Path, Path], codebook_file: Path, tmp_path: Path) -> None:
    refused = tmp_path / "No.jsonl"
    refused.write_bytes(rated[0].read_bytes())
    sheet = tmp_path / "conflicts.csv"
    result = run("agreement", refused, rated[1], "--conflicts", sheet, "--codebook", codebook_file)
    assert result.exit_code == 2
    assert f"{sheet}: by No: a rater is called like a decision; give the file another name" in result.output
    assert not sheet.exists()


@pytest.mark.parametrize("stance", ["none", "undecided"])
def test_no_stance_is_called_like_another_decision(
    stance: str, sheet: Path, rated: tuple[Path, Path], codebook_file: Path, tmp_path: Path
) -> None:
    codebook = tmp_path / "codebook.yaml"
    codebook.write_text(codebook_file.read_text(encoding="utf-8").replace("supportive", stance), encoding="utf-8")
    other = tmp_path / "other.csv"
    result = run("agreement", *rated, "--conflicts", other, "--codebook", codebook)
    assert result.exit_code == 2
    assert f"{other}: the stance {stance!r} of the codebook tiny-1" in result.output
    assert not other.exists()
    result = adjudicate(sheet, rated, codebook, tmp_path / "out.jsonl")
    assert result.exit_code == 2
    assert f"{sheet}:1: the stance {stance!r} of the codebook tiny-1" in result.output


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("by ben", "by critical", ":1: by critical: a rater is called like a decision"),
        (";note", ";decision", ":1: decision: the column stands twice"),
    ],
)
def test_a_worksheet_whose_columns_are_ambiguous(
    old: str, new: str, expected: str, sheet: Path, rated: tuple[Path, Path], codebook_file: Path, tmp_path: Path
) -> None:
    fill(sheet, dict.fromkeys(("frame guarding", "actor 0-6", "actor 11-20"), "ana"))
    sheet.write_text(sheet.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    result = adjudicate(sheet, rated, codebook_file, tmp_path / "out.jsonl")
    assert result.exit_code == 2
    assert f"{sheet}{expected}" in result.output


def test_a_worksheet_of_long_sentences_can_be_read(codebook_file: Path, tmp_path: Path) -> None:
    csv.field_size_limit(131_072)
    files = tmp_path / "ana.jsonl", tmp_path / "ben.jsonl"
    for file, frames in zip(files, ([], ["fleeing"]), strict=True):
        one = {**row("1", frames, []), "text": "a" * 200_000, "annotator": file.stem}
        file.write_text(json.dumps(one) + "\n", encoding="utf-8")
    sheet = tmp_path / "conflicts.csv"
    run("agreement", *files, "--conflicts", sheet, "--codebook", codebook_file)
    sheet.write_text(sheet.read_text(encoding="utf-8").replace("no,yes,,", "no,yes,ben,"), encoding="utf-8")
    result = adjudicate(sheet, files, codebook_file, tmp_path / "out.jsonl")
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("standoff", [False, True])
def test_sentences_that_nobody_annotated_are_no_votes(standoff: bool, codebook_file: Path, tmp_path: Path) -> None:
    place = {"corpus": "c", "corpus_document": "d", "start": 0, "end": 31, "sha256": "0" * 64}
    for name in ("ana", "nobody"):
        one = {**row("1", [], [], annotator=name), **(place if standoff else {})}
        if standoff:
            del one["text"]
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(one) + "\n", encoding="utf-8")
    result = run("agreement", tmp_path / "ana.jsonl", tmp_path / "nobody.jsonl", "--codebook", codebook_file)
    assert result.exit_code == 2
    assert "nobody has annotated this sentence yet" in result.output


def test_a_worksheet_of_other_annotations_is_refused(
    sheet: Path, rated: tuple[Path, Path], codebook_file: Path, tmp_path: Path
) -> None:
    fill(sheet, dict.fromkeys(("frame guarding", "actor 0-6", "actor 11-20"), "ana"))
    ana = (
        rated[0]
        .read_text(encoding="utf-8")
        .replace('11, "end": 20, "stance": "neutral"', '11, "end": 20, "stance": "critical"')
    )
    rated[0].write_text(ana, encoding="utf-8")
    result = adjudicate(sheet, rated, codebook_file, tmp_path / "out.jsonl")
    assert result.exit_code == 2
    assert f"{sheet}:4: the raters' labels are not those of the annotations any more" in result.output


def test_three_annotators_in_one_file(codebook_file: Path, tmp_path: Path) -> None:
    rows = [
        {
            **row(str(number), ["guarding"] * (number % 2 or name == "cem"), [(0, 6, "critical", None)]),
            "annotator": name,
        }
        for name in ("ana", "ben", "cem")
        for number in range(6)
    ]
    file = tmp_path / "all.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    result = run("agreement", file, "--json", tmp_path / "figures.json", "--codebook", codebook_file)
    assert result.exit_code == 0, result.output
    figures = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    alphas = {tuple(one["raters"]): one for one in figures if one["label"] == "guarding"}
    assert alphas["ana", "ben"]["alpha"] == 1
    assert alphas["ana", "cem"]["f1"] == pytest.approx(2 * 3 / 9)
    # 6 units of 3 values: 12 ones, 6 zeros; disagreeing pairs 3 * 2 * 2 / 2 = 6 of n = 18: 1 - 17 * 6 / (12 * 6)
    assert alphas["ana", "ben", "cem"]["alpha"] == pytest.approx(1 - 17 * 6 / (2 * 12 * 6))
    assert alphas["ana", "ben", "cem"]["alpha_low"] <= alphas["ana", "ben", "cem"]["alpha"]


def test_the_same_texts_under_other_ids_are_told(codebook_file: Path, tmp_path: Path) -> None:
    for name in ("ana", "ben"):
        lines = "".join(json.dumps(row(f"{name}-{n}", [], [], annotator=name)) + "\n" for n in range(2))
        (tmp_path / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    result = run("agreement", tmp_path / "ana.jsonl", tmp_path / "ben.jsonl", "--codebook", codebook_file)
    assert result.exit_code == 2
    assert "ana, ben have no sentence in common, but 1 texts under different ids" in result.output


def test_one_rater_is_not_enough(annotation_file: Path, codebook_file: Path) -> None:
    result = run("agreement", annotation_file, "--codebook", codebook_file)
    assert result.exit_code == 2
    assert "only one rated these sentences" in result.output


def test_without_text_there_is_nothing_to_decide_on(codebook_file: Path, tmp_path: Path) -> None:
    place = {"corpus": "c", "corpus_document": "d", "start": 0, "end": 31, "sha256": "0" * 64}
    for name in ("ana", "ben"):
        one = {**row("1", [], [(0, 6, "critical", None)], annotator=name), **place}
        del one["text"]
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(one) + "\n", encoding="utf-8")
    options = (tmp_path / "ana.jsonl", tmp_path / "ben.jsonl", "--codebook", codebook_file)
    assert run("agreement", *options).exit_code == 0
    result = run("agreement", *options, "--conflicts", tmp_path / "conflicts.csv")
    assert result.exit_code == 2
    assert result.output.count("stand-off annotations have no text") == 2


def test_a_decision_that_is_empty_hides_none_that_means_nothing(
    sheet: Path, rated: tuple[Path, Path], codebook_file: Path, tmp_path: Path
) -> None:
    fill(sheet, {"frame guarding": "perhaps", "actor 11-20": "cold"})
    result = adjudicate(sheet, rated, codebook_file, tmp_path / "out.jsonl")
    assert result.exit_code == 2
    assert f"{sheet}:2: decision: 'perhaps' is none of yes, no" in result.output
    assert f"{sheet}:3: decision: empty" in result.output
    assert f"{sheet}:4: decision: 'cold' is no decision" in result.output


def test_the_record_is_no_annotation_of_the_folder_that_it_lies_in(
    sheet: Path, rated: tuple[Path, Path], codebook_file: Path, tmp_path: Path
) -> None:
    fill(sheet, dict.fromkeys(("frame guarding", "actor 0-6", "actor 11-20"), "ana"))
    out = tmp_path / "made" / "out.jsonl"
    out.parent.mkdir()
    assert adjudicate(sheet, rated, codebook_file, out).exit_code == 0
    result = run("validate", out.parent, "--codebook", codebook_file)
    assert (result.exit_code, result.output) == (0, "1 file: 2 annotations of 2 sentences; no faults\n")
    result = run("import", out.parent, "--out", tmp_path / "again.jsonl", "--codebook", codebook_file)
    assert result.exit_code == 0, result.output
