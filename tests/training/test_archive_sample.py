import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.archive_change import Flip
from training.archive_sample import _change, _interval


def flip(after: str, probability: float) -> Flip:
    return Flip(sentence_id="1", document="d", text="t", before="other", after=after, probability=probability)


def test_the_interval_of_a_change_by_hand() -> None:
    # 8 gained and 2 lost of 98: 6 / 100, and 1.96 * sqrt(10 + 1 - 36 / 100) / 100
    assert _interval(8, 2, 98, 0.0) == pytest.approx((0.06 - 0.06393, 0.06 + 0.06393), abs=1e-5)


def test_a_sample_in_which_nothing_changes_rules_out_little() -> None:
    low, high = _interval(0, 0, 20, 0.01)
    assert low == -high
    assert high > 0.08


def test_the_whole_archive_leaves_nothing_open() -> None:
    assert _interval(3, 1, 20, 1.0) == (0.1, 0.1)


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.floats(0, 1))
def test_an_interval_holds_the_difference(gained: int, lost: int, others: int, part: float) -> None:
    size = gained + lost + others + 1
    low, high = _interval(gained, lost, size, part)
    assert -1 <= low <= (gained - lost) / size + 1e-12
    assert (gained - lost) / size - 1e-12 <= high <= 1


def test_the_surest_examples_are_shown_first() -> None:
    flips = [flip("given", p) for p in (0.15, 0.8, 0.6)] + [flip("not given", p) for p in (0.4, 0.05)]
    flips += [flip("critical", p) for p in (0.35, 0.55)]
    shown = [(one.after, one.probability) for one in _change("x", None, [(True, False)], flips, 0.1).examples]
    assert [p for after, p in shown if after == "given"] == [0.8, 0.6, 0.15]
    assert [p for after, p in shown if after == "not given"] == [0.05, 0.4]
    assert [p for after, p in shown if after == "critical"] == [0.55, 0.35]
