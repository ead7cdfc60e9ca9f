import shutil
from pathlib import Path

import krippendorff
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from model.annotation import ActorSpan, Annotation
from model.articles import Article
from model.codebook import Codebook
from model.errors import FramelineError
from training.agreement import _alphas, _coincidences, _groups, agreement, writer_agreements
from training.agreement_commands import agreement as command


def label(number: int, frames: list[str], stance: str = "neutral", start: int = 0) -> Annotation:
    return Annotation.model_validate(
        {
            "id": str(number),
            "document": "d",
            "text": "Arland paid Voss",
            "frames": frames,
            "actors": [{"start": start, "end": start + 4, "stance": stance}],
            "annotator": "x",
            "origin": "test",
        }
    )


def test_agreement_by_hand(codebook: Codebook) -> None:
    first = [label(0, ["guarding"]), label(1, []), label(2, ["guarding"], "critical"), label(3, [])]
    second = [label(0, ["guarding"]), label(1, []), label(2, [], "neutral"), label(3, [], start=12), label(9, [])]
    rows = {row.label: row for row in agreement(first, second, codebook)}
    # three 1s and five 0s in eight values; one of four pairs differs: 1 - (2/8) / (2*3*5/(8*7)) = 0.5333
    assert rows["guarding"].alpha == pytest.approx(0.5333, abs=1e-4)
    assert rows["guarding"].f1 == pytest.approx(2 / 3)
    assert rows["fleeing"].alpha == 1
    assert (rows["guarding"].alpha_low, rows["guarding"].f1_low, rows["stance"].alpha_low) == (None, None, None)
    assert rows["actor mentions"].f1 == pytest.approx(6 / 8)
    assert rows["stance"].units == 3
    assert rows["stance"].alpha is not None
    assert rows["stance"].alpha < 0.1


@given(st.permutations([(0, 6), (0, 13)]), st.permutations([(0, 13), (7, 13)]), st.permutations([(0, 6), (1, 9)]))
def test_mentions_are_grouped_whatever_their_order(
    one: list[tuple[int, int]], other: list[tuple[int, int]], third: list[tuple[int, int]]
) -> None:
    sides = (one, other, third)
    groups = _groups([[ActorSpan(start=s, end=e, stance="neutral") for s, e in side] for side in sides])
    places = [[(span.start, span.end) for span in group] for group in groups]
    assert places == [[(0, 6), (0, 6)], [(0, 13), (0, 13), (1, 9)], [(7, 13)]]


def test_passes_with_nothing_in_common_are_an_error(codebook: Codebook) -> None:
    with pytest.raises(FramelineError, match="no sentence in common"):
        agreement([label(0, [])], [label(1, [])], codebook)


def by_writer() -> dict[str, list[Annotation]]:
    """Two passes over four sentences; document "w" was labelled by its writer first, one frame of it disputed."""
    rows: dict[str, list[Annotation]] = {"first": [], "second": []}
    for number in range(4):
        document, name = ("d", "a1") if number < 2 else ("w", "w35")
        first = label(number, ["guarding"] if number % 2 == 0 else [])
        rows["first"].append(first.model_copy(update={"document": document, "annotator": name}))
        frames = first.frames if number < 3 else ("guarding",)
        rows["second"].append(first.model_copy(update={"document": document, "annotator": "b1", "frames": frames}))
    return rows


def test_writers_are_told_from_annotators(codebook: Codebook) -> None:
    first, second = ({row.id: row for row in rows} for rows in by_writer().values())
    found = [
        {
            row.raters: row
            for row in writer_agreements(ratings, {"d": "w1", "w": "w35"}, codebook)
            if row.label == "guarding"
        }
        for ratings in ({"first": first, "second": second}, {"second": second, "first": first})
    ]
    for rows in found:
        assert (rows["annotator", "other annotator"].units, rows["annotator", "other annotator"].alpha) == (2, 1)
        row = rows["writer", "annotator"]
        # of four values three 1s; one of two pairs differs: 1 - (1/2) / (2*3*1/(4*3)) = 0
        assert (row.units, row.first, row.second) == (2, 1, 2)
        assert row.alpha == pytest.approx(0)
    assert writer_agreements({"first": first, "second": second}, {"d": "w1", "w": "w2"}, codebook) == []


def test_the_command_shows_writers_apart_from_annotators(
    codebook_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data" / "annotations"
    (folder / "passes").mkdir(parents=True)
    shutil.copy(codebook_file, folder / "codebook.yaml")
    for name, rows in by_writer().items():
        (folder / "passes" / f"{name}.jsonl").write_text("".join(f"{row.model_dump_json()}\n" for row in rows))
    articles = [
        Article(document=document, conflict="c", region="r", decade="1990s", genre="g", writer=writer)
        for document, writer in (("d", "1"), ("w", "35"))
    ]
    (folder / "documents.jsonl").write_text("".join(f"{article.model_dump_json()}\n" for article in articles))
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(command, [], catch_exceptions=False)
    titles = [line.strip() for line in result.output.splitlines() if " and " in line]
    assert titles == ["first and second", "annotator and other annotator", "writer and annotator"]
    passes = [str(folder / "passes" / name) for name in ("first.jsonl", "second.jsonl")]
    given = CliRunner().invoke(command, passes, catch_exceptions=False)
    assert [line.strip() for line in given.output.splitlines() if " and " in line] == titles[:1]


def test_intervals_are_those_of_the_library_on_resampled_documents() -> None:
    random = np.random.default_rng(1)
    table = random.multinomial(3, [0.5, 0.3, 0.2], size=40)
    expected = krippendorff.alpha(value_counts=table, level_of_measurement="nominal")
    assert _alphas(_coincidences(table).sum(axis=0, keepdims=True)) == pytest.approx([expected])


def test_resamples_without_a_rare_frame_do_not_widen_its_interval(codebook: Codebook) -> None:
    first, second = (
        [
            label(number, ["guarding"] if number == given else []).model_copy(update={"document": str(number)})
            for number in range(20)
        ]
        for given in (-1, 7)
    )
    guarding = agreement(first, second, codebook)[0]
    assert guarding.alpha == pytest.approx(0)
    assert guarding.alpha_high == pytest.approx(0)


def test_intervals_hold_the_figures(codebook: Codebook) -> None:
    def passes(documents: int) -> list[list[Annotation]]:
        return [
            [
                label(number, ["guarding"] if number % 2 or (side and number < 5) else []).model_copy(
                    update={"document": str(number % documents)}
                )
                for number in range(40)
            ]
            for side in (0, 1)
        ]

    for documents in (2, 40):
        first, second = passes(documents)
        rows = {row.label: row for row in agreement(first, second, codebook)}
        guarding = rows["guarding"]
        assert guarding.alpha_low is not None and guarding.alpha_high is not None and guarding.alpha is not None
        assert guarding.alpha_low <= guarding.alpha <= guarding.alpha_high
        assert guarding.f1_low is not None and guarding.f1 is not None and guarding.f1_high is not None
        assert guarding.f1_low < guarding.f1 < guarding.f1_high
