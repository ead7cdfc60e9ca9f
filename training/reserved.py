"""What nothing may be learned from, since it is measured on."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from model.annotation import Annotation
from model.annotation_files import annotation_files, is_standoff
from model.errors import FaultsError
from model.record_lines import read_records
from model.standoff import StandoffAnnotation, sentence_digest


class Sentence(Protocol):
    """A sentence, labelled or not, and the document in which it stands."""

    @property
    def document(self) -> str:
        """The document's id."""

    @property
    def text(self) -> str:
        """The sentence."""


_Kind = TypeVar("_Kind", bound=Sentence)
_LETTERS = re.compile(r"[^\W_]+")


def words_digest(sentence: str) -> str:
    """The checksum of a sentence's letters and digits, the same for copies that differ in signs, blanks or case."""
    return sentence_digest("".join(_LETTERS.findall(unicodedata.normalize("NFKD", sentence).casefold())))


@dataclass(frozen=True)
class Reserved:
    """What nothing may be learned from: whole documents, and the same sentences elsewhere (syndicated copies).

    ``sentences`` are digests as `words_digest` gives them, and of stand-off annotations those that they have, by which
    only exact copies are known.
    """

    documents: frozenset[str] = frozenset()
    sentences: frozenset[str] = frozenset()

    @classmethod
    def read(cls, paths: Sequence[Path]) -> "Reserved":
        """Read it from annotations, which may be stand-off.

        Raises:
            FaultsError: at the first line that is no annotation.
        """
        documents, sentences = set(), set()
        for file in annotation_files(paths):
            kind: type[Annotation] | type[StandoffAnnotation] = StandoffAnnotation if is_standoff(file) else Annotation
            for _, annotation, faults in read_records(file, kind):
                if annotation is None:
                    raise FaultsError(faults)
                documents.add(annotation.document)
                if isinstance(annotation, StandoffAnnotation):
                    sentences.add(annotation.sha256)
                else:
                    sentences.add(words_digest(annotation.text))
        return cls(frozenset(documents), frozenset(sentences))

    def holds(self, document: str, sentence: str) -> bool:
        """Whether a document, or one of its sentences, is reserved."""
        digests = {words_digest(sentence), sentence_digest(sentence)}
        return document in self.documents or not digests.isdisjoint(self.sentences)

    def without(self, sentences: Iterable[_Kind]) -> list[_Kind]:
        """The sentences that are not reserved."""
        return [sentence for sentence in sentences if not self.holds(sentence.document, sentence.text)]

    def also(self, sentences: Sequence[Sentence], *, documents: bool = True) -> "Reserved":
        """The same with further sentences, and with the whole documents in which they stand."""
        return Reserved(
            self.documents | ({sentence.document for sentence in sentences} if documents else set()),
            self.sentences | {words_digest(sentence.text) for sentence in sentences},
        )
