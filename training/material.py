"""The sentences of a run by what they are for: learning, choosing or measuring."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from model.annotation import Annotation, read_annotations
from model.codebook import Codebook
from training.cross_validation import check_folds
from training.examples import Example, from_annotations
from training.newsmtsc import read_newsmtsc, with_polarities
from training.reserved import Reserved, words_digest
from training.run_folder import RunError, RunRecord, part
from training.seen import Ancestry, trace
from training.settings import TrainingSettings
from training.sources import Sources


@dataclass(frozen=True, kw_only=True)
class Material:
    """What is annotated for a run, and NewsMTSC's sentences; none of what is reserved is in it.

    Attributes:
        annotations: the annotated sentences of every part.
        supplements: annotated sentences that are learned from and never choose.
        learned: those of ``annotations`` that are learned from.
        held_out: those of ``annotations`` that choose.
        choosing: those of ``--development`` that choose, too.
        left_out: how many others there are.
        polarities: NewsMTSC's sentences that are learned from.
        polarities_apart: NewsMTSC's sentences that choose.
        apart: what nothing may be learned from.
        ancestry: what the base and the teacher have seen.
    """

    annotations: list[Annotation]
    supplements: list[Annotation]
    learned: list[Annotation]
    held_out: list[Annotation]
    choosing: list[Annotation]
    left_out: int
    polarities: list[Example]
    polarities_apart: list[Example]
    apart: Reserved
    ancestry: Ancestry

    @classmethod
    def divide(
        cls,
        annotations: list[Annotation],
        reserved: Reserved,
        sources: Sources,
        settings: TrainingSettings,
        codebook: Codebook,
    ) -> "Material":
        """Divide ``annotations``, of which none are reserved, and read the other sources.

        Raises:
            RunError: sentences of ``--development`` are reserved.
            FaultsError: a file is missing or has faulty lines.
        """
        development = read_annotations(sources.development, codebook, by_somebody=True)
        if len(reserved.without(development)) < len(development):
            raise RunError(
                "sentences of --development are reserved: what is measured on must not choose; leave them out"
            )
        ancestry = trace(sources.base, sources.teacher)
        measured = part(annotations, "test", settings, ancestry.seen)
        held_out = part(annotations, "development", settings, ancestry.seen)
        choosing = [one for one in Reserved().also(measured).without(development) if one.document not in ancestry.seen]
        apart = reserved.also([*held_out, *choosing, *measured])
        polarities: list[Example] = []
        polarities_apart: list[Example] = []
        if sources.newsmtsc is not None:
            polarities = read_newsmtsc(sources.newsmtsc, "train")
            polarities_apart = [one for name in ("rw_dev", "mt_dev") for one in read_newsmtsc(sources.newsmtsc, name)]
            apart = apart.also(polarities_apart, documents=False)
        return cls(
            annotations=annotations,
            supplements=apart.without(read_annotations(sources.supplements, codebook, by_somebody=True)),
            learned=apart.without(part(annotations, "train", settings, ancestry.seen)),
            held_out=held_out,
            choosing=choosing,
            left_out=len(development) - len(choosing),
            polarities=polarities,
            polarities_apart=polarities_apart,
            apart=apart,
            ancestry=ancestry,
        )

    def check(self, record: RunRecord) -> None:
        """Check that there is something to learn from, and enough for the folds.

        Raises:
            RunError: there is not.
        """
        if not self.learned:
            raise RunError(
                "every sentence that is left to learn from stands in a held-out document, too: annotate others"
            )
        unseen, folds = self.unseen, record.settings.folds
        if folds and record.seen and len({one.document for one in unseen}) < folds:
            raise RunError(
                f"the base or the teacher was trained on {len(record.seen)} of the annotated documents, and the others "
                f"are too few for --folds {folds}, which judges sentences that no network has seen: give --development "
                "FILE with other documents, or a --base and a --teacher that were not trained on these"
            )
        check_folds(unseen, folds)

    @property
    def chosen_by(self) -> list[list[Annotation]]:
        """Sets of annotated sentences that choose where no folds do; in the second nobody may have marked actors."""
        return [self.held_out, self.choosing]

    @property
    def unseen(self) -> list[Annotation]:
        """What is learned from and neither the base nor the teacher has seen, once: folds judge it."""
        return _once(annotation for annotation in self.learned if annotation.document not in self.ancestry.seen)

    @property
    def taken(self) -> tuple[str, ...]:
        """The annotated documents that are learned from."""
        return tuple(sorted({one.document for one in (*self.learned, *self.supplements)}))

    def examples(self, annotations: Sequence[Annotation], *, actors: bool) -> list[Example]:
        """Examples of annotated sentences; those of NewsMTSC's have its polarities."""
        return with_polarities(from_annotations(annotations, actors=actors), self.polarities)

    def further_examples(self, annotations: Sequence[Annotation], *, actors: bool) -> list[Example]:
        """The same of another source, in which nobody may have marked actors."""
        return self.examples(annotations, actors=actors and any(one.actors for one in annotations))

    def development(self, *, actors: bool) -> list[list[Example]]:
        """The sets of examples that choose."""
        return [
            self.examples(self.held_out, actors=actors),
            self.further_examples(self.choosing, actors=actors),
            self.polarities_apart,
        ]

    def not_annotated(self) -> list[Example]:
        """NewsMTSC's sentences that are not annotated under the codebook, which says more of them."""
        annotated = {words_digest(annotation.text) for annotation in (*self.annotations, *self.supplements)}
        return self.apart.without(one for one in self.polarities if words_digest(one.text) not in annotated)


def _once(annotations: Iterable[Annotation]) -> list[Annotation]:
    """The first of each sentence's copies: one answer is remembered for all, and they may stand in several folds."""
    first: dict[str, Annotation] = {}
    for annotation in annotations:
        first.setdefault(words_digest(annotation.text), annotation)
    return list(first.values())
