import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.text import find_mention, fold


@pytest.mark.parametrize(
    ("text", "mention", "expected"),
    [
        ("The US and us", "US", 4),
        ("RUSSIA and US", "US", 11),
        ("he said He", "He", 8),
        ("Then he", "he", 5),
        ("Brussels", "US", -1),
        ('said " Powell wrote', '" Powell', 5),
    ],
)
def test_finds_whole_words_only(text: str, mention: str, expected: int) -> None:
    assert find_mention(text, mention) == expected


@given(st.text(), st.text(min_size=1))
def test_what_is_found_is_the_mention(text: str, mention: str) -> None:
    position = find_mention(text, mention)
    assert position == -1 or text[position : position + len(mention)] == mention


def test_a_text_that_holds_a_mention_within_words_a_million_times_is_searched_at_once() -> None:
    assert find_mention("ab" * 500_000 + " ba.", "ba") == 1_000_001
    assert find_mention("ab" * 500_000, "ba") == -1


@given(st.text("ab _é.", max_size=14), st.text("ab _é.", min_size=1, max_size=3), st.integers(0, 5), st.integers(0, 14))
def test_it_is_the_first_that_is_no_part_of_a_word(text: str, mention: str, start: int, end: int) -> None:
    end = min(end, len(text))
    places = [place for place in range(start, end - len(mention) + 1) if text.startswith(mention, place)]

    def cuts(place: int) -> bool:
        return 0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum()

    whole = [place for place in places if not cuts(place) and not cuts(place + len(mention))]
    assert find_mention(text, mention, start, end) == (whole[0] if whole else -1)


def test_folding_ignores_case_diacritics_and_apostrophes() -> None:
    assert fold("Élysée’s") == fold("ELYSEE's")
