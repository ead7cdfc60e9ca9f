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


def test_folding_ignores_case_diacritics_and_apostrophes() -> None:
    assert fold("Élysée’s") == fold("ELYSEE's")
