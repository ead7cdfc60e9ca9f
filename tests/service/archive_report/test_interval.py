"""Intervals of shares, clustered by document."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.archive_report.interval import Sums, interval


def sums(hits: list[int], totals: list[int]) -> Sums:
    y, n = np.array(hits), np.array(totals)
    return Sums(len(hits), int(n.sum()), int(y.sum()), int((y * y).sum()), int((y * n).sum()), int((n * n).sum()))


documents = st.lists(st.integers(1, 30).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=2)


@given(documents)
def test_the_share_lies_within_its_bounds(given: list[tuple[int, int]]) -> None:
    hits, totals = [y for y, _ in given], [n for _, n in given]
    bounds = interval(sums(hits, totals))
    assert bounds is not None
    low, high = bounds
    share = sum(hits) / sum(totals)
    assert 0 <= low <= share <= high <= 1
    assert low < high


def test_one_document_says_nothing_of_how_documents_differ() -> None:
    assert interval(sums([3], [10])) is None


def test_documents_of_one_sentence_get_wilsons_interval() -> None:
    """Wilson's interval of 50 in 200, computed by its formula with z = 1.96, is (0.1950, 0.3144)."""
    bounds = interval(sums([1] * 50 + [0] * 150, [1] * 200))
    assert bounds == pytest.approx((0.1950, 0.3144), abs=0.002)


def test_documents_that_are_all_of_one_kind_count_as_one_observation_each() -> None:
    clustered = interval(sums([10] * 50 + [0] * 150, [10] * 200))
    single = interval(sums([1] * 50 + [0] * 150, [1] * 200))
    assert clustered == pytest.approx(single, abs=0.002)


def test_no_hit_leaves_room_for_what_few_documents_miss() -> None:
    few, many = interval(sums([0] * 5, [20] * 5)), interval(sums([0] * 500, [20] * 500))
    assert few is not None
    assert many is not None
    assert few[0] == many[0] == 0
    assert few[1] > 0.3
    assert many[1] < 0.01


def test_the_interval_covers_the_truth_where_one_over_sentences_does_not() -> None:
    rng, truth, covered, naive = np.random.default_rng(5), 0.2, 0, 0
    rounds = 400
    for _ in range(rounds):
        totals = rng.integers(5, 25, 40)
        hits = rng.binomial(totals, rng.beta(0.8, 3.2, 40))  # each document leans in its own way, 0.2 on average
        bounds = interval(sums(hits.tolist(), totals.tolist()))
        assert bounds is not None
        covered += bounds[0] <= truth <= bounds[1]
        share = hits.sum() / totals.sum()
        naive += abs(share - truth) <= 1.96 * np.sqrt(share * (1 - share) / totals.sum())
    assert covered / rounds > 0.92
    assert naive / rounds < 0.8
