import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from model.annotation import Span
from training.measures import Counts, count_labels, count_mentions, match_spans, score_labels


def spans(*places: tuple[int, int]) -> list[Span]:
    return [Span(start=start, end=end) for start, end in places]


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_f1_is_scikit_learns(pairs: list[tuple[bool, bool]]) -> None:
    gold = [{"a"} if one else set() for one, _ in pairs]
    found = [{"a"} if other else set() for _, other in pairs]
    scores, macro = score_labels({"d": count_labels(gold, found, ["a"])}, resamples=10)
    expected = f1_score([one for one, _ in pairs], [other for _, other in pairs], zero_division=0)
    assert scores[0].f1 == pytest.approx(expected)
    assert macro.f1 == scores[0].f1
    assert scores[0].support == sum(one for one, _ in pairs)


def test_intervals_hold_the_score_and_narrow_with_more_documents() -> None:
    few = {str(number): {"a": Counts(number % 2, 1 - number % 2, 0)} for number in range(10)}
    many = {str(number): {"a": Counts(number % 2, 1 - number % 2, 0)} for number in range(1000)}
    (one,), _ = score_labels(few)
    (other,), _ = score_labels(many)
    assert one.low is not None and one.high is not None and other.low is not None and other.high is not None
    assert one.low < one.f1 < one.high
    assert other.high - other.low < (one.high - one.low) / 5


def test_documents_are_drawn_not_sentences() -> None:
    alike = {"one": {"a": Counts(50, 0, 0)}, "other": {"a": Counts(0, 50, 50)}}
    (score,), _ = score_labels(alike)
    assert (score.low, score.high) == (0, 1)


def test_a_label_that_does_not_occur_counts_neither_in_the_average_nor_in_a_resample() -> None:
    counts = {
        str(number): {"a": Counts(int(number < 3), 0, 0), "b": Counts(2, 0, 0), "c": Counts(0, 0, 0)}
        for number in range(10)
    }
    scores, macro = score_labels(counts)
    assert [score.occurs for score in scores] == [True, True, False]
    assert [(score.f1, score.low, score.high) for score in scores] == [(1, 1, 1), (1, 1, 1), (0, None, None)]
    assert (macro.precision, macro.recall, macro.f1, macro.low, macro.high) == (1, 1, 1, 1, 1)
    _, nothing = score_labels({"d": {"c": Counts(0, 0, 0)}})
    assert (nothing.f1, nothing.low, nothing.high, nothing.occurs) == (0, None, None, False)
    (given,), _ = score_labels({"d": {"a": Counts(0, 2, 0)}})
    assert (given.occurs, given.given, given.support, given.f1) == (True, 2, 0, 0)


def test_macro_is_the_mean_of_the_labels() -> None:
    _, macro = score_labels({"d": {"a": Counts(1, 0, 0), "b": Counts(0, 1, 1)}}, resamples=5)
    assert macro.f1 == 0.5
    assert macro.support == 2


@pytest.mark.parametrize(
    ("gold", "undecided", "found", "expected"),
    [
        ([(0, 6)], [], [(0, 6)], (1, 0, 0)),
        ([(0, 6)], [], [(4, 12)], (1, 0, 0)),
        ([(0, 6)], [], [(6, 12)], (0, 1, 1)),
        ([(0, 6), (8, 12)], [], [(0, 12)], (1, 0, 1)),
        ([(0, 6)], [], [(0, 3), (4, 6)], (1, 1, 0)),
        ([], [(8, 12)], [(9, 10)], (0, 0, 0)),
    ],
)
def test_mentions_match_by_overlap_one_to_one(
    gold: list[tuple[int, int]],
    undecided: list[tuple[int, int]],
    found: list[tuple[int, int]],
    expected: tuple[int, int, int],
) -> None:
    assert count_mentions(spans(*gold), spans(*undecided), spans(*found)) == expected


@given(st.permutations([(0, 6), (4, 20), (10, 20)]), st.permutations([(0, 20), (10, 20), (3, 8)]))
def test_the_same_place_matches_first_then_the_largest_overlap(
    gold: list[tuple[int, int]], found: list[tuple[int, int]]
) -> None:
    matched = {gold[one]: found[other] for one, other in match_spans(spans(*gold), spans(*found)).items()}
    assert matched == {(10, 20): (10, 20), (4, 20): (0, 20), (0, 6): (3, 8)}
    assert count_mentions(spans(*gold), spans((0, 2)), spans(*found)) == (3, 0, 0)


def test_nothing_to_find_and_nothing_found_scores_zero_without_a_warning() -> None:
    (score,), _ = score_labels({"d": {"a": Counts(0, 0, 0)}})
    assert (score.f1, score.precision, score.recall) == (0, 0, 0)
    assert (score.low, score.high, score.interval) == (None, None, "–")


def test_one_document_has_no_interval() -> None:
    (one, other), macro = score_labels({"d": {"a": Counts(1, 1, 0)}, "e": {"b": Counts(1, 0, 0)}})
    assert (one.low, one.interval) == (None, "–")
    assert other.low is None
    assert macro.interval == "0.667 to 1.000"
    _, alone = score_labels({"d": {"a": Counts(1, 1, 0)}})
    assert (alone.low, alone.high) == (None, None)
