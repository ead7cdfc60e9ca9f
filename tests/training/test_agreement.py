import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.annotation import ActorSpan, Annotation
from model.codebook import Codebook
from model.errors import FramelineError
from training.agreement import _alphas, _coincidences, _groups, agreement


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


def test_intervals_are_those_of_the_library_on_resampled_documents() -> None:
    random = np.random.default_rng(1)
    table = random.multinomial(3, [0.5, 0.3, 0.2], size=40)
    expected = krippendorff.alpha(value_counts=table, level_of_measurement="nominal")
    assert _alphas(_coincidences(table).sum(axis=0, keepdims=True)) == pytest.approx([expected])


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
