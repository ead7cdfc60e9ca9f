"""What a run learns from, sentence by sentence, before a teacher says more of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from model.codebook import Codebook
from model.standoff import read_corpus
from model.tokens import SentenceTokenizer
from training.base import Base
from training.distillation import Teacher, draw_named, least_sure, read_unlabelled
from training.examples import Example
from training.material import Material
from training.reserved import Reserved, words_digest
from training.run_folder import RunError
from training.settings import TrainingSettings
from training.sources import Sources
from training.splits import part_of


@dataclass(frozen=True, kw_only=True)
class Lessons:
    """Examples by where they come from.

    Attributes:
        annotated: annotated sentences.
        supplements: annotated sentences unlike those to be labelled.
        corpus: NewsMTSC's sentences that are not annotated.
        unlabelled: sentences that only a teacher labels.
        times: how often ``annotated`` is seen for once of the others.
    """

    annotated: list[Example]
    supplements: list[Example]
    corpus: list[Example]
    unlabelled: list[Example]
    times: int

    @classmethod
    def gather(
        cls,
        material: Material,
        sources: Sources,
        settings: TrainingSettings,
        codebook: Codebook,
        base: Base | None,
        *,
        actors: bool,
    ) -> "Lessons":
        """Make them from annotations, and read the unlabelled documents.

        Args:
            material: the run's sentences.
            sources: where the unlabelled ones are.
            settings: how many of these are taken, and how often others are seen.
            codebook: the labelling schema.
            base: by which the unlabelled ones are chosen, or None.
            actors: whether actors are marked in the annotations.

        Raises:
            RunError: there are unlabelled documents and no teacher.
        """
        annotated = material.examples(material.learned, actors=actors)
        supplements = material.further_examples(material.supplements, actors=actors)
        corpus = material.not_annotated()
        labelled = [*annotated, *corpus, *supplements]
        return cls(
            annotated=annotated,
            supplements=supplements,
            corpus=corpus,
            unlabelled=_unlabelled(sources, settings, codebook, base, material.apart, labelled),
            times=settings.repeat if corpus or supplements else 1,
        )

    def __str__(self) -> str:
        supplements = f"{len(self.supplements)} of supplements, " if self.supplements else ""
        return (
            f"{len(self.annotated)} annotated sentences, {self.times} times each, {supplements}"
            f"{len(self.corpus)} of NewsMTSC and {len(self.unlabelled)} without labels"
        )

    def cut(self, tokenizer: SentenceTokenizer) -> int:
        """How many sentences do not fit into one window."""
        every = (*self.annotated, *self.supplements, *self.corpus, *self.unlabelled)
        return sum(len(tokenizer(example.text, []).windows) > 1 for example in every)


def _unlabelled(
    sources: Sources,
    settings: TrainingSettings,
    codebook: Codebook,
    base: Base | None,
    apart: Reserved,
    labelled: Sequence[Example],
) -> list[Example]:
    """Sentences of unlabelled documents, without those that are held out or labelled."""
    if sources.unlabelled and sources.teacher is None:
        raise RunError("nothing can be learned from unlabelled documents without a teacher: give --teacher RUN")
    known = {words_digest(example.text) for example in labelled}
    documents = [
        (record["id"], record["text"])
        for file in sources.unlabelled
        for record in read_corpus(file)
        if part_of(record["id"], settings.seed, settings.held_out) == "train"
    ]
    read = read_unlabelled(documents, codebook.language)
    found = apart.without(example for example in read if words_digest(example.text) not in known)
    if settings.most_unlabelled is None:
        return found
    if base is None:
        return draw_named(found, settings.most_unlabelled, codebook, settings.seed)
    return least_sure(found, settings.most_unlabelled, Teacher(base, compiled=settings.compiled))
