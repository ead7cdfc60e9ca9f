"""Archives of any size, made of copies of a corpus."""

import gzip
import json
import random
import re
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

from benchmarks.texts import load_texts
from model.prediction import TextDocument
from model.sentences import split

#: Of so many lowercase words in a row, one becomes another in each copy of the corpus.
_EVERY = 4
_WORD = re.compile(r"\b[a-z]{3,}\b")


class Corpus:
    """A corpus from which archives are made.

    Args:
        file: JSON Lines of ``{"id", "text"}``.
        seed: decides which words replace others in copies.
    """

    def __init__(self, file: Path, seed: int) -> None:
        self._documents = load_texts(file)
        self._seed = seed
        self._lengths = [sum(1 for _ in split(document.text)) for document in self._documents]
        words = sorted({word for document in self._documents for word in _WORD.findall(document.text)})
        self._words = {size: [word for word in words if len(word) == size] for size in {len(word) for word in words}}

    @property
    def sentences(self) -> int:
        """How many there are in one copy."""
        return sum(self._lengths)

    def write_unique(self, file: Path, sentences: int) -> None:
        """Write an archive of about so many sentences, hardly any of which stands in it twice."""
        _write(file, islice(self._documents_of_copies(), self._documents_for(sentences)))

    def write_copies(self, file: Path, copies: int) -> None:
        """Write an archive of copies that differ in nothing but the documents' ids."""
        numbers = range(copies)
        _write(file, (_renamed(document, number) for number in numbers for document in self._documents))

    def sample(self, sentences: int, of: int) -> list[TextDocument]:
        """Documents of about so many sentences, spread over an archive that has ``of``."""
        total = self._documents_for(of)
        step = max(1, of // sentences)
        return list(islice(self._documents_of_copies(), 0, total, step))

    def _documents_for(self, sentences: int) -> int:
        """How many documents have about so many sentences."""
        copies, rest = divmod(sentences, self.sentences)
        number = copies * len(self._documents)
        for length in self._lengths:
            if rest <= 0:
                break
            rest -= length
            number += 1
        return number

    def _documents_of_copies(self) -> Iterator[TextDocument]:
        yield from self._documents
        for number in count(1):
            chance = random.Random(f"{self._seed} {number}")  # noqa: S311 - no secret
            for document in self._documents:
                yield _renamed(document, number, self._replace(document.text, chance))

    def _replace(self, text: str, chance: random.Random) -> str:
        position = 0

        def other(match: re.Match[str]) -> str:
            nonlocal position
            position += 1
            word = match.group()
            return word if position % _EVERY else chance.choice(self._words[len(word)])

        return _WORD.sub(other, text)


def _renamed(document: TextDocument, number: int, text: str | None = None) -> TextDocument:
    return TextDocument(id=f"{document.id}-{number}", text=document.text if text is None else text)


def _write(file: Path, documents: Iterator[TextDocument]) -> None:
    with gzip.open(file, "wt", encoding="utf-8", compresslevel=5) as stream:
        for document in documents:
            stream.write(json.dumps({"id": document.id, "text": document.text}) + "\n")
