"""The sentences of a document before they are labelled."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from model.place import Place, strip
from model.prediction import TextDocument
from model.sentences import join_across, split
from model.text import find_mention


class Unlabelled(NamedTuple):
    """A sentence to label: its text, its place there, and the mentions to judge where the caller gave some.

    ``mentions`` says of each whether it stands anywhere in the text as whole words; ``spans`` are those to judge in
    their stead, by their places in the sentence.
    """

    text: str
    place: Place
    mentions: dict[str, bool] | None
    spans: Sequence[Place] | None = None

    def alone(self) -> "Unlabelled":
        """The same sentence without the text around it, on which no label depends."""
        sentence = self.text[self.place.start : self.place.end]
        return Unlabelled(sentence, Place(0, len(sentence)), self.mentions, self.spans)


def find_sentences(document: TextDocument, language: str, *, splitting: bool = True) -> Iterator[Unlabelled]:
    """The sentences of a document.

    Args:
        document: the document; a mention that the caller gave is never cut in two.
        language: ISO 639-1 code of its language.
        splitting: False takes the whole text as one sentence.
    """
    given = _given_mentions(document)
    return (Unlabelled(document.text, place, given) for place in _places(document, language, splitting))


def _places(document: TextDocument, language: str, splitting: bool) -> Iterable[Place]:
    text = document.text
    if not splitting:
        whole = strip(text, 0, len(text))
        return [Place(0, len(text))] if whole.start < whole.end else []
    places = split(text, language)
    return places if document.actors is None else join_across(text, places, dict.fromkeys(document.actors))


def _given_mentions(document: TextDocument) -> dict[str, bool] | None:
    """The caller's mentions, each with whether it stands anywhere in the text as whole words."""
    if document.actors is None:
        return None
    return {mention: find_mention(document.text, mention) != -1 for mention in dict.fromkeys(document.actors)}
