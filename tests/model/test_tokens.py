from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.actors import FORM_KINDS, ActorList
from model.codebook import Codebook
from model.errors import CheckpointError
from model.tokens import SHAPES, SentenceTokenizer, Tokens

WINDOW, OVERLAP = 24, 6


@pytest.fixture(scope="module")
def tokenizer(encoder: Path) -> SentenceTokenizer:
    return SentenceTokenizer(encoder / "tokenizer.json", WINDOW, OVERLAP)


def ids(tokens: Tokens) -> list[int]:
    """Input ids of all windows, each token once, with special tokens left out."""
    found: dict[int, int] = {}
    for window in tokens.windows:
        body = window.input_ids[0, window.prefix : window.input_ids.shape[1] - window.suffix].tolist()
        for position, token in enumerate(body):
            assert found.setdefault(window.first + position, token) == token
    return [found[index] for index in range(len(found))]


def test_shapes_and_list_features(tokenizer: SentenceTokenizer, codebook: Codebook) -> None:
    text = "The US army said 5 people fled Arland"
    tokens = tokenizer(text, ActorList(codebook).find(text))
    (window,) = tokens.windows
    body = slice(window.prefix, window.input_ids.shape[1] - window.suffix)
    words: dict[int, tuple[str, str, str]] = {}
    shapes, listed = window.shape_ids[0, body], window.list_ids[0, body]
    for (start, end), word, shape, kind in zip(tokens.offsets, tokens.words, shapes, listed, strict=True):
        words.setdefault(word, (text[start:end], SHAPES[shape], FORM_KINDS[kind]))
    assert words[0] == ("The", "capitalised", "none")
    assert words[1][1:] == ("capitalised", "state") or words[1][1:] == ("capitals", "state")
    assert words[2] == ("army", "lower", "none")
    assert words[4] == ("5", "digits", "none")
    assert words[7][1:] == ("capitalised", "state")


@settings(deadline=None)
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_windows_cover_every_token_once_more_than_needed(tokenizer: SentenceTokenizer, text: str) -> None:
    tokens = tokenizer(text, [])
    assert len(ids(tokens)) == len(tokens.offsets) == len(tokens.words)
    assert all(window.input_ids.shape[1] <= WINDOW for window in tokens.windows)
    assert all(0 <= start <= end <= len(text) for start, end in tokens.offsets.tolist())


def test_a_long_sentence_has_overlapping_windows(tokenizer: SentenceTokenizer) -> None:
    tokens = tokenizer("people fled " * 50, [])
    assert len(tokens.offsets) == 100
    firsts = [window.first for window in tokens.windows]
    assert firsts == list(range(0, firsts[-1] + 1, WINDOW - 2 - OVERLAP))
    assert len(ids(tokens)) == 100


def test_a_token_takes_its_combining_marks_along(tokenizer: SentenceTokenizer) -> None:
    text = "fle\u0301 town"
    tokens = tokenizer(text, [])
    assert text[: tokens.offsets[tokens.words == 0][-1, 1]] == "fle\u0301"


def test_finds_the_tokens_of_a_span(tokenizer: SentenceTokenizer) -> None:
    text = "people fled town"
    assert np.array_equal(tokenizer(text, []).within(7, 11), [1])
    assert len(tokenizer(text, []).within(6, 7)) == 0


def test_a_damaged_tokenizer_is_a_clear_error(tmp_path: Path) -> None:
    file = tmp_path / "tokenizer.json"
    file.write_text("{", encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"tokenizer\.json"):
        SentenceTokenizer(file, WINDOW, OVERLAP)
