"""Measuring a labeller on annotated sentences."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from model.annotation import Annotation, Span
from model.codebook import Codebook, Schema
from model.labeller import Labeller
from model.place import Place
from model.prediction import ActorStance, Document
from training.calibration_error import Bin, bin_probabilities, expected_calibration_error
from training.examples import Example
from training.marking import actors_marked
from training.measures import MACRO, Counts, Score, count_labels, count_mentions, score_labels


class Section(Schema):
    """Scores of one kind of label: each label's and their macro average."""

    title: str
    scores: tuple[Score, ...]
    macro: Score


class Evaluation(Schema):
    """Everything measured on one set of sentences.

    ``calibration`` holds each frame's expected calibration error and their macro average; it is empty where no
    frames were measured.
    """

    data: str
    model: str
    sentences: int
    sections: tuple[Section, ...]
    calibration: dict[str, float]


class Labelled(NamedTuple):
    """An annotated sentence as the model labels it: with the mentions that it finds, and with the annotated ones.

    ``marked`` says whether actors are marked in it, so that a mention that is not annotated is none.
    """

    annotation: Annotation
    found: Document
    judged: Document
    marked: bool


def evaluate(labeller: Labeller, annotations: Sequence[Annotation], data: str) -> Evaluation:
    """Label annotated sentences and measure the labels, see ``measure_labelled``."""
    return measure_labelled(labeller, label_annotations(labeller, annotations), data)


def label_annotations(labeller: Labeller, annotations: Sequence[Annotation]) -> list[Labelled]:
    """Label a set of annotated sentences, each once with the mentions found and once with those annotated."""
    found = label(labeller, [(annotation.text, None) for annotation in annotations])
    judged = label(labeller, [(annotation.text, annotation.actors) for annotation in annotations])
    return [Labelled(*row) for row in zip(annotations, found, judged, actors_marked(annotations), strict=True)]


def measure_labelled(labeller: Labeller, rows: Sequence[Labelled], data: str) -> Evaluation:
    """Measure frames, their calibration, actor mentions and stances (these on the annotated mentions).

    A mention counts as found where a found one overlaps it. Where nobody has marked actors, mentions and stances are
    not measured. Intervals are bootstrapped over documents.
    """
    frames = {name: count_frames(labeller.codebook, group) for name, group in _by_document(rows).items()}
    sections = [_section("Frames", frames)]
    marked = _by_document(row for row in rows if row.marked)
    if marked:
        mentions = {name: {"actor mention": count_marked(group)} for name, group in marked.items()}
        stances = {name: count_annotated_stances(labeller.codebook, group) for name, group in marked.items()}
        sections.append(_section("Actor mentions (overlap)", mentions))
        sections.append(_section("Stance toward the annotated mentions", stances))
    return Evaluation(
        data=data,
        model=f"{labeller.config.name} {labeller.config.version}",
        sentences=len(rows),
        sections=tuple(sections),
        calibration=_calibration(labeller.codebook, rows),
    )


def evaluate_stances(labeller: Labeller, examples: Sequence[Example], data: str) -> Evaluation:
    """Measure the stances alone, on a corpus that has nothing else."""
    judged = label(labeller, [(example.text, [span for span, _ in example.stances]) for example in examples])
    documents: dict[str, list[tuple[list[tuple[Span, str]], Document]]] = defaultdict(list)
    for example, document in zip(examples, judged, strict=True):
        gold = [(span, stance) for span, stance in example.stances if stance is not None]
        documents[example.document].append((gold, document))
    counts = {name: count_stances(labeller.codebook, group) for name, group in documents.items()}
    return Evaluation(
        data=data,
        model=f"{labeller.config.name} {labeller.config.version}",
        sentences=len(examples),
        sections=(_section("Stance toward the annotated mentions", counts),),
        calibration={},
    )


def label(labeller: Labeller, texts: Iterable[tuple[str, Sequence[Span] | None]]) -> list[Document]:
    """Label texts, each as one sentence, with the mentions given by their places or found."""
    return list(
        labeller.judge(
            (text, None if spans is None else [Place(span.start, span.end) for span in spans]) for text, spans in texts
        )
    )


def present_frames(document: Document) -> set[str]:
    """The frames that are present in any sentence of a document."""
    return {score.frame for sentence in document.sentences for score in sentence.frames if score.present}


def frame_probability(document: Document, frame: str) -> float:
    """The highest probability of a frame in any sentence of a document."""
    scores = (score for sentence in document.sentences for score in sentence.frames)
    return max((score.probability for score in scores if score.frame == frame), default=0.0)


def frame_bins(rows: Iterable[Labelled], frame: str) -> tuple[Bin, ...]:
    """A frame's probabilities in bins, with how often it is annotated."""
    pairs = [(frame_probability(row.found, frame), frame in row.annotation.frames) for row in rows]
    return bin_probabilities([probability for probability, _ in pairs], [gold for _, gold in pairs])


def judged_stances(mentions: Iterable[Span], document: Document) -> list[ActorStance | None]:
    """What a document says of the mention at each place, None where it says nothing."""
    judged = {(actor.start, actor.end): actor for sentence in document.sentences for actor in sentence.actors}
    return [judged.get((mention.start, mention.end)) for mention in mentions]


def count_frames(codebook: Codebook, rows: Sequence[Labelled]) -> dict[str, Counts]:
    """Counts a frame, over any sentences."""
    gold = [set(row.annotation.frames) for row in rows]
    return count_labels(gold, [present_frames(row.found) for row in rows], codebook.frame_ids)


def count_annotated_stances(codebook: Codebook, rows: Iterable[Labelled]) -> dict[str, Counts]:
    """Counts a stance toward the annotated mentions, over any sentences."""
    pairs = (([(actor, actor.stance) for actor in row.annotation.actors], row.judged) for row in rows)
    return count_stances(codebook, pairs)


def count_stances(codebook: Codebook, rows: Iterable[tuple[Sequence[tuple[Span, str]], Document]]) -> dict[str, Counts]:
    """Counts a stance, from gold pairs of mention and stance and the document in which they were judged."""
    gold: list[set[str]] = []
    found: list[set[str]] = []
    for pairs, document in rows:
        gold += [{stance} for _, stance in pairs]
        judged = judged_stances((mention for mention, _ in pairs), document)
        found += [set() if actor is None else {actor.stance} for actor in judged]
    return count_labels(gold, found, codebook.stance_ids)


def count_marked(rows: Iterable[Labelled]) -> Counts:
    """Counts of mentions over the sentences in which actors are marked."""
    marked = [row for row in rows if row.marked]
    return count_found((row.annotation for row in marked), (row.found for row in marked))


def count_found(annotations: Iterable[Annotation], documents: Iterable[Document]) -> Counts:
    """Counts of mentions over annotated sentences and the documents in which they were to be found."""
    parts = [
        count_mentions(
            annotation.actors,
            annotation.undecided,
            [Span(start=actor.start, end=actor.end) for sentence in document.sentences for actor in sentence.actors],
        )
        for annotation, document in zip(annotations, documents, strict=True)
    ]
    return Counts(*(sum(count) for count in zip(Counts(0, 0, 0), *parts, strict=True)))


def _by_document(rows: Iterable[Labelled]) -> dict[str, list[Labelled]]:
    documents: dict[str, list[Labelled]] = defaultdict(list)
    for row in rows:
        documents[row.annotation.document].append(row)
    return documents


def _section(title: str, counts: dict[str, dict[str, Counts]]) -> Section:
    scores, macro = score_labels(counts)
    return Section(title=title, scores=tuple(scores), macro=macro)


def _calibration(codebook: Codebook, rows: Sequence[Labelled]) -> dict[str, float]:
    errors = {frame: expected_calibration_error(frame_bins(rows, frame)) for frame in codebook.frame_ids}
    return {**errors, MACRO: sum(errors.values()) / len(errors)}
