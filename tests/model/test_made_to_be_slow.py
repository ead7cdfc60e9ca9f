"""Texts that somebody makes in order to keep the service busy, or to fill its memory."""

import time
import tracemalloc
from collections.abc import Callable

import pytest

from model.actors import ActorList
from model.codebook import Codebook
from model.decoding import MentionSpan
from model.homonyms import Homonyms
from model.labeller import Labeller
from model.mentions import tidy
from model.place import Place
from model.reading import Reading
from model.sentences import split
from model.text import find_mention
from tests.conftest import ROOT

#: Seconds of computing after which a text has kept a worker busy: each of these takes a second or two, and forty
#: and more where time grows with the square of the length.
_DEADLINE = 30.0


@pytest.fixture(scope="module")
def homonyms() -> Homonyms:
    codebook = Codebook.load(ROOT / "data/annotations/codebook.yaml")
    return Homonyms(codebook, ActorList(codebook))


def seconds(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began


def test_a_run_of_possessives_is_searched_once(homonyms: Homonyms) -> None:
    assert seconds(lambda: homonyms.actors.find("'s " * 30_000)) < _DEADLINE


@pytest.mark.parametrize("piece", ["US ", "Turkey, ", "at the U.N. Israel ", "'s "])
def test_a_mention_as_long_as_a_text_names_nobody(homonyms: Homonyms, piece: str) -> None:
    assert seconds(lambda: homonyms.actors.resolve(piece * (120_000 // len(piece)))) < _DEADLINE
    assert homonyms.actors.resolve(piece * (120_000 // len(piece))) is None


@pytest.mark.parametrize("piece", ["Turkey ", "Georgia, Athens, "])
def test_homonyms_are_resolved_in_time_that_grows_with_the_sentence(homonyms: Homonyms, piece: str) -> None:
    sentence = piece * (300_000 // len(piece))
    matches = homonyms.actors.find(sentence)
    reading = Reading(homonyms, sentence, matches)
    assert seconds(lambda: [reading.resolve(match.start, match.end) for match in matches]) < _DEADLINE


@pytest.mark.parametrize("piece", ["a Bc ", "I.A.E.A. ", "North Korean ", "A 'Bc' D "])
def test_mentions_are_tidied_in_time_that_grows_with_the_sentence(homonyms: Homonyms, piece: str) -> None:
    sentence = piece * (120_000 // len(piece))
    matches = homonyms.actors.find(sentence)
    spans = [MentionSpan(start, start + 3) for start in range(0, len(sentence) - 3, 5)]
    assert seconds(lambda: tidy(sentence, spans, matches, homonyms.offices)) < _DEADLINE


@pytest.mark.parametrize("sign", ["“", "«", "‘"])
def test_quotation_marks_that_are_never_closed_are_cut_into_parts(sign: str) -> None:
    text = f"{sign}a" * 100_000
    places: list[Place] = []
    assert seconds(lambda: places.extend(split(text))) < _DEADLINE
    assert max(end - start for start, end in places) <= 10_000
    assert "".join(text[start:end] for start, end in places) == text


def test_many_mentions_within_words_are_passed_over_without_a_search_each() -> None:
    word = "abcdefghijklmnopqrstuvwxyz"
    mentions = [word[start:end] for start in range(26) for end in range(start + 1, 27) if end - start < 26]

    def search() -> None:
        for number in range(2_000):
            assert all(find_mention(f"{number}{word}{number}", mention) == -1 for mention in mentions)

    assert seconds(search) < _DEADLINE


def test_long_words_and_mentions_are_not_kept_in_memory(labeller: Labeller) -> None:
    labeller.classify("a word", ["word"])
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for letter in "abcdefghij":
        word = letter * 200_000
        labeller.classify(word, [word], split=False)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 1_000_000
