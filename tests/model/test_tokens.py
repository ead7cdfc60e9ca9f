from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers

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


@pytest.fixture(scope="module", params=["trims", "does not trim", "metaspace"])
def spaced(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SentenceTokenizer:
    """Tokenizers of RoBERTa's and of T5's kind, which have tokens of white space."""
    corpus = ["NATO said so. Ankara blamed NATO."] * 20
    special = ["<s>", "</s>", "<unk>"]
    if request.param == "metaspace":
        made = Tokenizer(models.Unigram())
        made.pre_tokenizer = pre_tokenizers.Metaspace()
        trainer: trainers.Trainer = trainers.UnigramTrainer(
            vocab_size=60, special_tokens=special, unk_token="<unk>", show_progress=False
        )
    else:
        made = Tokenizer(models.BPE())
        made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(special_tokens=special, initial_alphabet=alphabet, show_progress=False)
    made.train_from_iterator(corpus, trainer)
    made.post_processor = (
        processors.RobertaProcessing(("</s>", 1), ("<s>", 0), trim_offsets=True, add_prefix_space=False)
        if request.param == "trims"
        else processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 1)])
    )
    file = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    made.save(str(file))
    return SentenceTokenizer(file, WINDOW, OVERLAP)


@pytest.mark.parametrize("text", ["NATO said", "   NATO said", "\n\nNATO\nsaid", "NATO   said ", " \tNATO\n\nsaid"])
def test_white_space_is_of_no_word(spaced: SentenceTokenizer, text: str) -> None:
    tokens = spaced(text, [])
    first, last = tokens.offsets[tokens.words == 0][[0, -1]]
    assert text[first[0] : last[1]] == "NATO"
    window = tokens.windows[0]
    shapes = window.shape_ids[0, window.prefix : window.prefix + len(tokens.offsets)]
    seen = [SHAPES[shape] for shape, (start, end) in zip(shapes, tokens.offsets, strict=True) if start < end]
    assert seen[0] in ("capitals", "capitalised")


def test_white_space_alone_has_no_words(spaced: SentenceTokenizer) -> None:
    assert all(start == end for start, end in spaced(" \n ", []).offsets.tolist())


def test_windows_that_overlap_by_all_they_hold_are_a_clear_error(encoder: Path) -> None:
    for overlap in (WINDOW - 2, WINDOW + 5):
        with pytest.raises(CheckpointError, match=f"windows of {WINDOW} tokens cannot overlap by {overlap}"):
            SentenceTokenizer(encoder / "tokenizer.json", WINDOW, overlap)


def test_finds_the_tokens_of_a_span(tokenizer: SentenceTokenizer) -> None:
    text = "people fled town"
    assert np.array_equal(tokenizer(text, []).within(7, 11), [1])
    assert len(tokenizer(text, []).within(6, 7)) == 0


def test_a_damaged_tokenizer_is_a_clear_error(tmp_path: Path) -> None:
    file = tmp_path / "tokenizer.json"
    file.write_text("{", encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"tokenizer\.json"):
        SentenceTokenizer(file, WINDOW, OVERLAP)
