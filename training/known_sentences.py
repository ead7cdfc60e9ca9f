"""How many of the sentences that a model is measured on it has seen, as far as its record knows."""

from collections import Counter
from collections.abc import Iterable, Iterator

from model.codebook import Schema
from model.seen import Seen


class KnownSentences(Schema):
    """Sentences whose documents the model, or one that it was made from, learned from or was chosen by."""

    train: int
    development: int

    @classmethod
    def count(cls, seen: Seen, documents: Iterable[str]) -> "KnownSentences":
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
                f"The model has learned from documents of {self.train} of these {sentences} sentences: they say "
                "nothing of how it does on others."
            )
        if self.development:
            yield (
                f"Documents of {self.development} of these {sentences} sentences chose its epoch or thresholds: on "
                "others it does somewhat worse."
            )
