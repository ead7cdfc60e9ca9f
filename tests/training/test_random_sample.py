import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from frameline import main
from model.annotation import Annotation
from model.codebook import Codebook
from model.errors import FramelineError
from training.candidates import Candidate
from training.estimation import estimate
from training.random_sample import draw


def run(*arguments: str | Path | int) -> Result:
    return CliRunner().invoke(main, ["annotations", *map(str, arguments)])


def population(number: int) -> list[Candidate]:
    """A fifth of the sentences are of the stratum "op-ed", where guarding is four times as frequent."""
    return [Candidate(f"s{n}", "d", f"Sentence {n}.", stratum="op-ed" if n % 5 == 0 else "wire") for n in range(number)]


def guards(candidate: Candidate) -> bool:
    number = int(candidate.id[1:])
    return (number % 5 == 0 and number % 10 < 4) or number % 7 == 1


def annotate(candidates: list[Candidate]) -> list[Annotation]:
    return [
        Annotation(
            id=one.id,
            document=one.document,
            text=one.text,
            frames=("guarding",) if guards(one) else (),
            actors=(),
            annotator="ana",
            origin="random",
        )
        for one in candidates
    ]


@pytest.mark.parametrize("column", [None, "genre"])
def test_estimates_are_unbiased_and_their_intervals_hold(column: str | None, codebook: Codebook) -> None:
    whole = population(500)
    if column is None:
        whole = [Candidate(one.id, one.document, one.text) for one in whole]
    truth = np.mean([guards(one) for one in whole])
    shares = []
    for seed in range(300):
        sample = draw(whole, 60, [], column=column, seed=seed, sources=["x"])
        shares.append(estimate(annotate(sample.candidates), sample.design, codebook)[0])
    assert np.mean([share.share for share in shares]) == pytest.approx(truth, abs=0.008)
    covered = np.mean([share.low <= truth <= share.high for share in shares])
    assert 0.91 <= covered <= 0.99


def test_every_sentence_has_the_probability_that_is_stored() -> None:
    whole = population(20)
    counts = dict.fromkeys((one.id for one in whole), 0)
    for seed in range(600):
        sample = draw(whole, 7, [], column="genre", seed=seed, sources=["x"])
        for one in sample.candidates:
            counts[one.id] += 1
        assert len(sample.candidates) == 7
    for one in whole:
        expected = 2 / 4 if one.stratum == "op-ed" else 5 / 16
        if one.id in sample.design.sentences:
            assert sample.design.sentences[one.id].probability == pytest.approx(expected)
        assert counts[one.id] / 600 == pytest.approx(expected, abs=0.08)


def test_the_order_is_random_and_the_seed_decides() -> None:
    first, again, other = (draw(population(50), 10, [], column=None, seed=seed, sources=[]) for seed in (1, 1, 2))
    ids = [one.id for one in first.candidates]
    assert ids == [one.id for one in again.candidates] != [one.id for one in other.candidates]
    assert ids != sorted(ids, key=lambda name: int(name[1:]))


def test_what_cannot_be_drawn() -> None:
    with pytest.raises(FramelineError, match="only 9 sentences"):
        draw(population(10), 10, ["Sentence 3."], column=None, seed=0, sources=[])
    with pytest.raises(FramelineError, match="2 strata need at least 4"):
        draw(population(10), 3, [], column="genre", seed=0, sources=[])
    twice = [Candidate("a", "d", "x"), Candidate("a", "d", "y")]
    with pytest.raises(FramelineError, match="one id"):
        draw(twice, 2, [], column=None, seed=0, sources=[])


def test_small_strata_do_not_speak_for_a_large_one(codebook: Codebook) -> None:
    whole = [Candidate(f"s{n}", "d", f"Sentence {n}.", stratum="wire") for n in range(1000)]
    whole += [Candidate(f"s{n}", "d", f"Sentence {n}.", stratum=f"small {n % 4}") for n in range(1000, 1012)]
    design = draw(whole, 50, (), column="genre", seed=0, sources=()).design
    drawn = [one for one in whole if one.id in design.sentences]
    first = {one.stratum: one.id for one in drawn if one.stratum != "wire"}
    annotations = [
        one.model_copy(update={"frames": ("guarding",) if one.id in first.values() else ()}) for one in annotate(drawn)
    ]
    guarding = next(share for share in estimate(annotations, design, codebook) if share.frame == "guarding")
    # of 42 sentences of the large stratum none has the frame: up to 7 in 100 may have it (the rule of three)
    assert guarding.high > 0.07


def test_a_census_has_no_interval(codebook: Codebook) -> None:
    sample = draw([Candidate(f"s{n}", "d", str(n)) for n in range(10)], 10, [], column=None, seed=0, sources=[])
    share = estimate(annotate(sample.candidates), sample.design, codebook)[0]
    assert share.low == share.share == share.high


def test_a_frame_that_was_not_seen_may_still_be_there(codebook: Codebook) -> None:
    sample = draw([Candidate(f"s{n}", "d", str(n)) for n in range(500)], 50, [], column=None, seed=0, sources=[])
    fleeing = estimate(annotate(sample.candidates), sample.design, codebook)[1]
    assert fleeing.share == fleeing.low == 0
    assert 0.02 < fleeing.high < 0.12


def test_from_texts_to_an_estimate(codebook_file: Path, tmp_path: Path) -> None:
    schema = ("--codebook", codebook_file)
    articles = tmp_path / "articles.jsonl"
    rows = [{"id": f"a{n}", "text": "One said so. Two fled. Three paid.", "genre": "ab"[n % 2]} for n in range(20)]
    articles.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    out = tmp_path / "sample.jsonl"
    options = ("-n", 30, "--random", "--stratify", "genre", "--out", out, *schema)
    result = run("suggest", "--from", articles, *options)
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 30
    assert {line["origin"] for line in lines} == {"random"}
    design = tmp_path / "sample.sample.json"
    assert {one["probability"] for one in json.loads(design.read_text())["sentences"].values()} == {0.5}
    result = run("estimate", out, "--sample", design, *schema)
    assert result.exit_code == 2
    assert "30 of 30 sentences are not annotated yet" in result.output
    done = tmp_path / "done.jsonl"
    for line in lines:
        line.update(annotator="ana", frames=["fleeing"] if "fled" in line["text"] else [])
    done.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
    result = run("estimate", done, "--sample", design, "--json", tmp_path / "shares.json", *schema)
    assert result.exit_code == 0, result.output
    assert "30 of 60 sentences" in result.output
    shares = {one["frame"]: one for one in json.loads((tmp_path / "shares.json").read_text())}
    assert shares["fleeing"]["low"] < 1 / 3 < shares["fleeing"]["high"]

    lines[0]["origin"] = "suggested"
    lines[1]["id"] = "elsewhere"
    done.write_text("".join(json.dumps(one) + "\n" for one in lines[:20]), encoding="utf-8")
    result = run("estimate", done, "--sample", design, *schema)
    assert result.exit_code == 2
    assert "not drawn at random" in result.output
    assert "elsewhere: id: not in the sample" in result.output
    assert "sentences are not annotated yet" in result.output
    done.write_text("".join(json.dumps(one) + "\n" for one in lines[2:20]), encoding="utf-8")
    assert run("estimate", done, "--sample", design, "--incomplete", *schema).exit_code == 0
