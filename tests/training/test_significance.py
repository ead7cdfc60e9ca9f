from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from training.measures import Counts, f1, score_labels
from training.significance import compare_decisions, compare_f1, holm

counts = st.lists(st.lists(st.tuples(*[st.integers(0, 4)] * 3), min_size=2, max_size=2), min_size=1, max_size=12)


@pytest.fixture(autouse=True, scope="module")
def few_draws() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.significance.DRAWS", 2_000)
        yield


def table(rows: object) -> NDArray[np.float64]:
    return np.array(rows, dtype=np.float64)


@given(counts)
def test_a_model_does_not_differ_from_itself(rows: object) -> None:
    each, macro = compare_f1(table(rows), table(rows))
    assert all((one.value, one.p) == (0, 1) for one in (*each, macro))
    assert all((one.low, one.high) == ((0, 0) if len(table(rows)) > 1 else (-1, 1)) for one in (*each, macro))


@given(counts, st.randoms(use_true_random=False))
def test_exchanging_the_models_turns_the_difference_around(rows: list[object], random: object) -> None:
    other = list(rows)
    random.shuffle(other)  # type: ignore[attr-defined]
    (there, _), _ = compare_f1(table(rows), table(other))
    (back, _), _ = compare_f1(table(other), table(rows))
    assert there.value == pytest.approx(-back.value)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
    assert there.p == pytest.approx(back.p, abs=0.05)


def test_the_macro_average_is_that_of_a_model_alone() -> None:
    a, b = table([[[4, 1, 1], [0, 0, 0]]] * 6), table([[[4, 1, 1], [0, 2, 0]]] * 6)
    alone = [
        score_labels({str(number): {"x": Counts(*x), "y": Counts(*y)} for number, (x, y) in enumerate(rows.tolist())})
        for rows in (a, b)
    ]
    _, macro = compare_f1(a, b)
    assert macro.value == pytest.approx(alone[1][1].f1 - alone[0][1].f1) == pytest.approx(-0.4)


def test_one_document_proves_nothing() -> None:
    (one,), _ = compare_f1(table([[[9, 0, 0]]]), table([[[0, 0, 9]]]))
    assert (one.value, one.low, one.high, one.p) == (-1, -1, 1, 1)


def test_many_documents_prove_it() -> None:
    before, after = table([[[2, 0, 0]]] * 20), table([[[1, 0, 1]]] * 20)
    (one,), macro = compare_f1(before, after)
    assert one.value == pytest.approx(2 / 3 - 1)
    assert one.p < 0.001
    assert one.low <= one.value <= one.high < 0
    assert macro == one


def test_a_difference_that_there_is_not_is_rarely_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.significance.DRAWS", 500)
    random = np.random.default_rng(1)
    found = 0
    for seed in range(100):
        hits = random.binomial(3, 0.6, size=(2, 30, 1))
        a, b = (np.stack([one, random.poisson(0.5, one.shape), 3 - one], axis=-1).astype(float) for one in hits)
        found += compare_f1(a, b, seed)[0][0].p < 0.05
    assert found <= 12  # 5 are expected


def test_f1_of_nothing_is_0() -> None:
    assert f1(table([[0, 0, 0], [1, 1, 1]])).tolist() == [0, 0.5]


def test_mcnemar_counts_the_decisions_that_differ() -> None:
    a = np.array([True] * 10 + [False] * 2 + [True] * 5)
    b = np.array([False] * 10 + [True] * 2 + [True] * 5)
    only_a, only_b, p = compare_decisions(a, b)
    assert (only_a, only_b) == (10, 2)
    assert p == pytest.approx(2 * sum((1, 12, 66)) / 2**12)  # the binomial distribution's two tails
    assert compare_decisions(a, a) == (0, 0, 1.0)


def test_holm() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
