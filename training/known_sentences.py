"""How many of the sentences that a model is measured on it has seen, as far as its record knows."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Self

from model.codebook import Schema
from model.seen import Seen


class KnownSentences(Schema):
    """Sentences whose documents the model, or one that it was made from, learned from or was chosen by."""

    train: int
    development: int

    @classmethod
    def count(cls, seen: Seen, documents: Iterable[str]) -> Self:
        """Count them.

        Args:
            seen: the model's record.
            documents: the document of each sentence.
        """
        parts = Counter(map(seen.part, documents))
        return cls(train=parts["train"], development=parts["development"])

    def warnings(self, sentences: int) -> Iterator[str]:
        """What there is to say of it, where ``sentences`` were measured."""
        if self.train:
            yield (
                f"{self.train} of these {sentences} sentences are of documents that the model has learned from: on "
                "what is new to it it may do worse."
            )
        if self.development:
            yield (
                f"{self.development} of these {sentences} sentences are of documents that chose its epoch or "
                "thresholds: on others it may do somewhat worse."
            )
