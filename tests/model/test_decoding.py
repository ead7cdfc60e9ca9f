from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.actors import ActorList
from model.codebook import Codebook
from model.decoding import find_mentions, frame_probabilities, merge_windows, one_frame, stance_probabilities
from model.runtime import Output
from model.tokens import SentenceTokenizer, Tokens


@pytest.fixture(scope="module")
def tokenizer(encoder: Path) -> SentenceTokenizer:
    return SentenceTokenizer(encoder / "tokenizer.json", 24, 6)


def head(tokens: Tokens, text: str, labels: dict[str, str]) -> np.ndarray:
    """Mention logits that are sure of the labels given by word: B for begin, I for inside."""
    logits = np.tile(np.array([4.0, -4.0, -4.0], dtype=np.float32), (len(tokens.offsets), 1))
    for word, label in labels.items():
        start = text.index(word)
        for index in tokens.within(start, start + len(word)):
            logits[index] = [-4, 4, -4] if label == "B" else [-4, -4, 4]
    return logits


def mentions(text: str, labels: dict[str, str], tokenizer: SentenceTokenizer, codebook: Codebook) -> list[str]:
    matches = ActorList(codebook).find(text)
    tokens = tokenizer(text, matches)
    spans = find_mentions(text, tokens, head(tokens, text, labels), matches, threshold=0.5, listed_threshold=0.5)
    return [text[start:end] for start, end in spans]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({}, []),
        ({"army": "B"}, ["army"]),
        ({"army": "B", "said": "I"}, ["army said"]),
        ({"army": "B", "said": "B"}, ["army", "said"]),
        ({"army": "I"}, []),
        ({"army": "I", "said": "I"}, []),
        ({"Northern": "I"}, ["Northern League"]),
        ({"Northern": "B"}, ["Northern League"]),
        ({"League": "B"}, ["Northern League"]),
        ({"Northern": "B", "League": "B"}, ["Northern League"]),
        ({"army": "B", "people": "B"}, ["army", "people"]),
        ({"army": "B", "people": "I"}, ["army"]),
    ],
)
def test_spans(labels: dict[str, str], expected: list[str], tokenizer: SentenceTokenizer, codebook: Codebook) -> None:
    assert mentions("the army said people Northern League fled", labels, tokenizer, codebook) == expected


def test_a_capitalised_word_opens_a_mention_even_where_it_is_rather_inside(
    tokenizer: SentenceTokenizer, codebook: Codebook
) -> None:
    assert mentions("the Army said", {"Army": "I"}, tokenizer, codebook) == ["Army"]
    assert mentions("the army said Army", {"army": "I", "Army": "I"}, tokenizer, codebook) == ["Army"]


def test_a_listed_name_needs_less(tokenizer: SentenceTokenizer, codebook: Codebook) -> None:
    text = "the army said Arland fled"
    matches = ActorList(codebook).find(text)
    tokens = tokenizer(text, matches)
    logits = np.tile(np.array([1.5, 0.0, -4.0], dtype=np.float32), (len(tokens.offsets), 1))
    spans = find_mentions(text, tokens, logits, matches, threshold=0.5, listed_threshold=0.1)
    assert [text[start:end] for start, end in spans] == ["Arland"]


def test_no_tokens_no_mentions(tokenizer: SentenceTokenizer) -> None:
    tokens = tokenizer("", [])
    empty = np.zeros((0, 3), dtype=np.float32)
    assert find_mentions("", tokens, empty, [], threshold=0.5, listed_threshold=0.5) == []
    assert stance_probabilities(tokens, empty, 0, 0).tolist() == [1 / 3] * 3


def test_windows_are_joined_where_a_token_stands_farthest_from_an_edge(tokenizer: SentenceTokenizer) -> None:
    tokens = tokenizer("people fled " * 20, [])
    outputs = []
    for number, window in enumerate(tokens.windows):
        length = window.input_ids.shape[1]
        frames = np.array([number, -number], dtype=np.float32)
        outputs.append(
            Output(frames, np.full((length, 3), number, np.float32), np.full((length, 3), number, np.float32))
        )
    joined = merge_windows(tokens, outputs)
    assert joined.frames.tolist() == [len(outputs) - 1, 0]
    assert joined.mentions.shape == (40, 3)
    chosen = joined.stances[:, 0].tolist()
    assert chosen == sorted(chosen)
    assert chosen[:19] == [0] * 19
    assert chosen[19] == 1


def test_as_many_outputs_as_windows(tokenizer: SentenceTokenizer) -> None:
    tokens = tokenizer("people fled " * 20, [])
    output = Output(np.zeros(2, np.float32), np.zeros((24, 3), np.float32), np.zeros((24, 3), np.float32))
    with pytest.raises(ValueError, match="shorter"):
        merge_windows(tokens, [output])


def test_probabilities() -> None:
    assert frame_probabilities(np.array([0.0, 100.0, -100.0], dtype=np.float32)).round(6).tolist() == [0.5, 1, 0]


def test_a_frames_logit_is_scaled_and_shifted() -> None:
    logits = np.array([2.0, -1.0], dtype=np.float32)
    found = frame_probabilities(logits, np.array([0.5, 2.0]), np.array([-1.0, 3.0]))
    assert found == pytest.approx([0.5, 1 / (1 + np.exp(-1))])
    assert (frame_probabilities(logits, np.ones(2), np.zeros(2)) == frame_probabilities(logits)).all()


def test_a_large_scale_does_not_overflow() -> None:
    found = frame_probabilities(np.array([90.0, -90.0], dtype=np.float32), 50.0)
    assert found == pytest.approx([1, 0])


def test_a_temperature_over_1_lowers_confidence_and_keeps_the_stance(tokenizer: SentenceTokenizer) -> None:
    tokens = tokenizer("people fled town", [])
    logits = np.random.default_rng(0).normal(0, 3, (50, len(tokens.offsets), 3)).astype(np.float32)
    for one in logits:
        cold, warm = (stance_probabilities(tokens, one, 0, 11, temperature) for temperature in (1.0, 2.5))
        assert (cold == stance_probabilities(tokens, one, 0, 11)).all()
        assert warm.argmax() == cold.argmax()
        assert warm.max() < cold.max()
        assert warm.sum() == pytest.approx(1)


def test_a_stance_is_the_mean_over_the_mentions_tokens(tokenizer: SentenceTokenizer) -> None:
    tokens = tokenizer("people fled town", [])
    logits = np.array([[2, 0, 0], [0, 4, 0], [0, 0, 9]], dtype=np.float32)
    expected = np.exp([1, 2, 0]) / np.exp([1, 2, 0]).sum()
    assert np.allclose(stance_probabilities(tokens, logits, 0, 11), expected)


LOGITS = st.lists(st.floats(-30, 30, width=32), min_size=2, max_size=9)


@given(LOGITS, st.floats(0.1, 5))
def test_frames_that_exclude_each_other_share_one_probability(logits: list[float], scale: float) -> None:
    array = np.array(logits, dtype=np.float32)
    exact = frame_probabilities(array, scale, choice="exactly_one")
    assert exact.sum() == pytest.approx(1)
    assert sum(one_frame(exact, "exactly_one")) == 1
    assert exact[int(array.argmax())] == exact.max() == exact[one_frame(exact, "exactly_one").index(True)]
    some = frame_probabilities(array, scale, choice="at_most_one")
    assert some.sum() <= 1 + 1e-9
    none = 1 / (1 + np.exp(scale * array.astype(np.float64)).sum())
    assert 1 - some.sum() == pytest.approx(none, abs=1e-9)
    if abs(array.max()) > 0.01:
        assert sum(one_frame(some, "at_most_one")) == (array.max() > 0)


def test_a_likelier_none_leaves_no_frame() -> None:
    assert one_frame(np.array([0.3, 0.2]), "at_most_one") == [False, False]
    assert one_frame(np.array([0.2, 0.5]), "at_most_one") == [False, True]
    assert one_frame(np.array([0.3, 0.2]), "exactly_one") == [True, False]
