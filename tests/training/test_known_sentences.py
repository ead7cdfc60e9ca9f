"""How many of the measured sentences a model has seen."""

from model.seen import Seen
from training.known_sentences import KnownSentences


def test_sentences_of_documents_that_were_learned_from_or_chose_are_counted() -> None:
    seen = Seen.of(["a", "b"], ["b", "c"])
    known = KnownSentences.count(seen, ["a", "a", "b", "c", "d"])
    assert known == KnownSentences(train=3, development=1)
    learned, chose = known.warnings(5)
    assert learned.startswith("3 of these 5 sentences are of documents that the model has learned from")
    assert chose.startswith("1 of these 5 sentences are of documents that chose")


def test_of_what_is_new_nothing_is_said() -> None:
    assert not [*KnownSentences.count(Seen.of(["a"]), ["b"]).warnings(1)]
