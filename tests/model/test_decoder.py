from collections.abc import Sequence

from model.actors import ActorList
from model.codebook import Codebook
from model.decoder import _one_each
from model.decoding import MentionSpan
from model.homonyms import Homonyms
from model.labeller import Labeller
from model.reading import Reading


def one_each(codebook: Codebook, sentence: str, spans: Sequence[MentionSpan]) -> list[tuple[str, str | None]]:
    actors = ActorList(codebook)
    reading = Reading(Homonyms(codebook, actors), sentence, actors.find(sentence))
    return [(sentence[span.start : span.end], actor) for span, actor in _one_each(reading, spans)]


def test_a_known_actor_is_not_taken_for_the_last_word_of_another(labeller: Labeller) -> None:
    sentence = "Bank of Arland denied what Arland said"
    spans = [MentionSpan(0, 14), MentionSpan(27, 33)]
    assert one_each(labeller.codebook, sentence, spans) == [
        ("Bank of Arland", None),
        ("Arland", "arland"),
    ]


def test_one_entry_an_actor(labeller: Labeller) -> None:
    sentence = (
        "Ana Petrov met Arland and Arville and President Mara Voss when Petrov left and Voss stayed, as Ana\nPetrov did"
    )
    spans = [
        MentionSpan(sentence.index(mention, start), sentence.index(mention, start) + len(mention))
        for mention, start in [
            ("Ana Petrov", 0),
            ("Arland", 0),
            ("Arville", 0),
            ("President Mara Voss", 0),
            ("Petrov", 20),
            ("Voss", 60),
            ("Ana\nPetrov", 60),
        ]
    ]
    assert one_each(labeller.codebook, sentence, spans) == [
        ("Ana Petrov", None),
        ("Arland", "arland"),
        ("President Mara Voss", "mara-voss"),
    ]
