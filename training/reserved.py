"""What nothing may be learned from, since it is measured on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from model.annotation import Annotation, annotation_files, is_standoff, read_records
from model.errors import FaultsError
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


@dataclass(frozen=True)
class Reserved:
    """What nothing may be learned from: whole documents, and the same sentences elsewhere (syndicated copies)."""

    documents: frozenset[str]
    sentences: frozenset[str]

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
                    sentences.add(sentence_digest(annotation.text))
        return cls(frozenset(documents), frozenset(sentences))

    def holds(self, document: str, sentence: str) -> bool:
        """Whether a document, or one of its sentences, is reserved."""
        return document in self.documents or sentence_digest(sentence) in self.sentences

    def without(self, sentences: Iterable[_Kind]) -> list[_Kind]:
        """The sentences that are not reserved."""
        return [sentence for sentence in sentences if not self.holds(sentence.document, sentence.text)]

    def also(self, sentences: Sequence[Sentence], *, documents: bool = True) -> "Reserved":
        """The same with further sentences, and with the whole documents in which they stand."""
        return Reserved(
            self.documents | ({sentence.document for sentence in sentences} if documents else set()),
            self.sentences | {sentence_digest(sentence.text) for sentence in sentences},
        )
