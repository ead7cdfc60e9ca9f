"""What nothing may be learned from, since it is measured on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from model.annotation import Annotation, annotation_files, read_records
from model.errors import FaultsError
from model.standoff import StandoffAnnotation, is_standoff, sentence_digest


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

    def without(self, annotations: Iterable[Annotation]) -> list[Annotation]:
        """The annotations that are not reserved."""
        return [annotation for annotation in annotations if not self.holds(annotation.document, annotation.text)]
