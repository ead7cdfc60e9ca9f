from hypothesis import given
from hypothesis import strategies as st

from model.intervals import Intervals

_PARTS = st.lists(st.integers(0, 30), max_size=12, unique=True).map(sorted)


@given(_PARTS, st.integers(0, 30), st.integers(1, 10))
def test_finds_those_that_share_a_code_point(places: list[int], start: int, length: int) -> None:
    spans = list(zip(places[::2], places[1::2], strict=False))
    expected = [(first, last) for first, last in spans if first < start + length and start < last]
    assert Intervals(spans).touching(start, start + length) == expected


def test_parts_that_only_meet_do_not_touch() -> None:
    assert Intervals([(0, 2), (2, 4)]).touching(2, 3) == [(2, 4)]
    assert Intervals([(0, 2)]).touching(2, 2) == []
