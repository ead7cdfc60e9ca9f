import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from frameline import main
from model.codebook import Codebook
from model.errors import FaultsError
from model.labeller import Labeller
from training.candidates import Candidate, read_candidates, uncertainty
from training.suggestions import choose, suggest


def run(*arguments: str | Path | int) -> Result:
    return CliRunner().invoke(main, ["annotations", *map(str, arguments)])


def scored(folder: Path, **more: list[object]) -> Path:
    """Tables as `frameline score` writes them: 40 sentences, the model the less sure the higher the number."""
    (folder / "sentences").mkdir(parents=True)
    (folder / "stances").mkdir()
    names = "abcdefghijklmnopqrstuvwxyzabcdefghijklmn"
    table = {
        "sentence_id": [f"x-{n:07d}-0000" for n in range(40)],
        "document": [f"d{n}" for n in range(40)],
        "text": [
            f"The {names[n] * (n // 3 + 1)} paid {names[-n] * 4} for {names[n] * 2} number {n}." for n in range(40)
        ],
        "guarding_probability": [n / 80 for n in range(40)],
        "fleeing_probability": [0.0] * 40,
        **more,
    }
    pq.write_table(pa.table(table), folder / "sentences" / "part-000000.parquet")
    stances = {"sentence_id": ["x-0000000-0000"], "supportive_probability": [1 / 3], "neutral_probability": [1 / 3]}
    pq.write_table(pa.table({**stances, "critical_probability": [1 / 3]}), folder / "stances" / "part-000000.parquet")
    return folder


def test_uncertainty_by_hand() -> None:
    assert uncertainty([]) == 0
    assert uncertainty([(1.0, 0.0)]) == 0
    assert uncertainty([(0.5, 0.5), (1.0, 0.0)]) == pytest.approx(1)
    assert uncertainty([(0.2, 0.8)]) == pytest.approx(0.7219, abs=1e-4)


def test_tables_give_the_uncertainty_of_frames_and_stances(codebook: Codebook, tmp_path: Path) -> None:
    def refuse() -> None:
        raise AssertionError("no model is needed")

    found = list(read_candidates([scored(tmp_path / "scored")], codebook, refuse))  # type: ignore[arg-type]
    assert found[0].uncertainty == pytest.approx(1)
    assert found[1].uncertainty == pytest.approx(uncertainty([(1 / 80, 79 / 80)]))
    assert found[1].uncertainty < found[39].uncertainty < 1


def test_a_table_without_text_is_named(codebook: Codebook, tmp_path: Path) -> None:
    file = tmp_path / "part.parquet"
    pq.write_table(pa.table({"sentence_id": ["a"], "document": ["d"]}), file)
    with pytest.raises(FaultsError, match=r"columns text are missing; score again without --no-text"):
        list(read_candidates([file], codebook))
    file.write_bytes(b"PAR1 nothing")
    with pytest.raises(FaultsError, match="not a Parquet table"):
        list(read_candidates([file], codebook))


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("sentence_id", 7, "sentence_id: 7 is not a text"),
        ("document", None, "document: None is not a text"),
        ("text", "", "text: '' is not a text, or blank"),
        ("fleeing_probability", None, "fleeing_probability: None is not a number from 0 to 1"),
        ("fleeing_probability", 1.5, "fleeing_probability: 1.5 is not a number from 0 to 1"),
    ],
)
def test_values_that_score_does_not_write_are_named(
    codebook: Codebook, tmp_path: Path, column: str, value: object, expected: str
) -> None:
    def refuse() -> Labeller:
        raise AssertionError("no model is needed")

    with pytest.raises(FaultsError) as caught:
        list(read_candidates([scored(tmp_path / "scored", **{column: [value] * 40})], codebook, refuse))
    (fault,) = caught.value.faults
    assert f"part-000000.parquet: row 1: {expected}" in fault


def test_documents_of_several_files_have_ids_of_their_own(codebook: Codebook, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.txt").write_text("Voss paid.", encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        list(read_candidates([tmp_path / "a", tmp_path / "b"], codebook))
    first, second = tmp_path / "a" / "x.txt", tmp_path / "b" / "x.txt"
    assert caught.value.faults == [f"{second}: 'x': a document with this id is in {first} already; give each its own"]


def test_chosen_are_unsure_sentences_of_every_kind() -> None:
    random = np.random.default_rng(0)
    centres = np.eye(4, 8, dtype=np.float32)
    vectors = np.repeat(centres, 25, axis=0) + random.normal(0, 0.02, (100, 8)).astype(np.float32)
    uncertainties = np.tile(np.r_[np.full(5, 1.0), np.full(20, 0.01)], 4)
    chosen = choose(vectors, uncertainties, 4)
    assert sorted(place // 25 for place in chosen) == [0, 1, 2, 3]
    assert len(choose(np.ones((6, 3), np.float32) + np.arange(6, dtype=np.float32)[:, None], np.ones(6), 5)) == 5


def test_annotated_sentences_and_near_duplicates_are_left_out() -> None:
    texts = ["The army said that it would guard the border.", "People fled the town.", "Nobody paid the bread."]
    candidates = [Candidate(str(n), "d", text, 0.5) for n, text in enumerate(texts)]
    candidates += [Candidate("n", "d", "The army said that it would guard the border!", 0.9)]
    found = suggest(candidates, 10, ["people fled the town"], lambda texts: np.zeros((len(texts), 2), np.float32))
    assert [one.id for one in found] == ["n", "2"]


def test_suggest_from_tables(codebook_file: Path, encoder: Path, annotation_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "next.jsonl"
    options = ("--encoder", encoder, "--codebook", codebook_file, "--annotated", annotation_file)
    result = run("suggest", "--from", scored(tmp_path / "scored"), "-n", 3, "--out", out, *options)
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len({line["id"] for line in lines}) == 3
    assert all(line["origin"] == "suggested" and line["annotator"] == "nobody" for line in lines)
    assert run("validate", out, "--codebook", codebook_file).exit_code == 0


def test_suggest_from_texts_by_the_codebook_of_the_checkpoint(
    checkpoint: Path, encoder: Path, annotation_file: Path, tmp_path: Path
) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "a.txt").write_text(
        "Arland said it would guard the border . Nobody paid late. Voss paid.", encoding="utf-8"
    )
    options = ("--encoder", encoder, "--annotated", annotation_file)
    result = run(
        "suggest", "--from", texts, "-n", 5, "--out", tmp_path / "n.jsonl", "--checkpoint", checkpoint, *options
    )
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in (tmp_path / "n.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {line["text"] for line in lines} == {"Nobody paid late.", "Voss paid."}
    assert {line["document"] for line in lines} == {"a"}


def test_fewer_than_asked_for_is_said(codebook_file: Path, checkpoint: Path, encoder: Path, tmp_path: Path) -> None:
    file = tmp_path / "some.jsonl"
    options = ("--encoder", encoder, "--codebook", codebook_file, "--checkpoint", checkpoint)
    file.write_text(json.dumps({"id": "a", "text": "Nobody paid late. Voss paid."}) + "\n", encoding="utf-8")
    result = run("suggest", "--from", file, "-n", 500, "--out", tmp_path / "n.jsonl", *options)
    assert result.exit_code == 0, result.output
    assert "no more than 2 there are neither annotated nor like others" in result.output
    for content, expected in (
        ("", "no sentence there"),
        ('{"id": "b", "text": "\\ud800"}\n', "some.jsonl: 'b': text: half"),
    ):
        file.write_text(content, encoding="utf-8")
        result = run("suggest", "--from", file, "--out", tmp_path / "m.jsonl", *options)
        assert (result.exit_code, expected in result.output) == (2, True), result.output


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--from", "gone.txt"), "gone.txt: needed is"),
        (("--from", "."), "no .txt, .jsonl or .parquet files there"),
        (("--from", ".", "--stratify", "genre"), "--stratify belongs to --random"),
        (("--from", ".", "--random", "--seed", "-1"), "-1 is not in the range"),
    ],
)
def test_wrong_arguments(
    arguments: tuple[str, ...], expected: str, codebook_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("suggest", *arguments, "--out", "out.jsonl", "--codebook", codebook_file)
    assert result.exit_code == 2
    assert expected in result.output
