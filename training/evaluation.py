"""Measuring a labeller on annotated sentences."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from model.annotation import Annotation, Span
from model.codebook import Codebook, Schema
from model.labeller import Labeller
from model.prediction import Document, TextDocument
from training.examples import Example
from training.measures import Counts, Score, count_labels, count_mentions, score_labels


class Section(Schema):
    """Scores of one kind of label: each label's and their macro average."""

    title: str
    scores: tuple[Score, ...]
    macro: Score


class Evaluation(Schema):
    """Everything measured on one set of sentences."""

    data: str
    model: str
    sentences: int
    sections: tuple[Section, ...]


def evaluate(labeller: Labeller, annotations: Sequence[Annotation], data: str) -> Evaluation:
    """Measure frames, actor mentions and stances (these on the annotated mentions).

    A mention counts as found where a found one overlaps it. Intervals are bootstrapped over documents.
    """
    found = label(labeller, [(annotation.text, None) for annotation in annotations])
    judged = label(labeller, [(annotation.text, _mentions(annotation)) for annotation in annotations])
    rows = list(zip(annotations, found, judged, strict=True))
    documents: dict[str, list[tuple[Annotation, Document, Document]]] = defaultdict(list)
    for row in rows:
        documents[row[0].document].append(row)
    frames = {
        name: count_labels(
            [set(annotation.frames) for annotation, _, _ in group],
            [present_frames(document) for _, document, _ in group],
            labeller.codebook.frame_ids,
        )
        for name, group in documents.items()
    }
    mentions = {
        name: {"actor mention": count_found((row[0] for row in group), (row[1] for row in group))}
        for name, group in documents.items()
    }
    stances = {
        name: count_stances(
            labeller.codebook,
            [
                ([(annotation.mention(actor), actor.stance) for actor in annotation.actors], document)
                for annotation, _, document in group
            ],
        )
        for name, group in documents.items()
    }
    return Evaluation(
        data=data,
        model=f"{labeller.config.name} {labeller.config.version}",
        sentences=len(annotations),
        sections=(
            _section("Frames", frames),
            _section("Actor mentions (overlap)", mentions),
            _section("Stance toward the annotated mentions", stances),
        ),
    )


def evaluate_stances(labeller: Labeller, examples: Sequence[Example], data: str) -> Evaluation:
    """Measure the stances alone, on a corpus that has nothing else."""
    mentions = [[example.text[span.start : span.end] for span, _ in example.stances] for example in examples]
    judged = label(labeller, [(example.text, given) for example, given in zip(examples, mentions, strict=True)])
    documents: dict[str, list[tuple[list[tuple[str, str]], Document]]] = defaultdict(list)
    for example, given, document in zip(examples, mentions, judged, strict=True):
        gold = [(name, stance) for name, (_, stance) in zip(given, example.stances, strict=True) if stance is not None]
        documents[example.document].append((gold, document))
    counts = {name: count_stances(labeller.codebook, group) for name, group in documents.items()}
    return Evaluation(
        data=data,
        model=f"{labeller.config.name} {labeller.config.version}",
        sentences=len(examples),
        sections=(_section("Stance toward the annotated mentions", counts),),
    )


def label(labeller: Labeller, texts: Iterable[tuple[str, list[str] | None]]) -> list[Document]:
    """Label texts, each as one sentence, with the mentions given or found."""
    documents = (
        TextDocument(id=str(number), text=text, actors=None if mentions is None else tuple(mentions))
        for number, (text, mentions) in enumerate(texts)
    )
    return list(labeller.classify_documents(documents, split=False))


def present_frames(document: Document) -> set[str]:
    """The frames that are present in any sentence of a document."""
    return {score.frame for sentence in document.sentences for score in sentence.frames if score.present}


def count_stances(codebook: Codebook, rows: Iterable[tuple[list[tuple[str, str]], Document]]) -> dict[str, Counts]:
    """Counts a stance, from gold pairs of mention and stance and the document in which they were judged."""
    gold, found = [], []
    for pairs, document in rows:
        judged = {actor.mention: actor.stance for sentence in document.sentences for actor in sentence.actors}
        for mention, stance in pairs:
            gold.append({stance})
            found.append({judged[mention]} if mention in judged else set())
    return count_labels(gold, found, codebook.stance_ids)


def _mentions(annotation: Annotation) -> list[str]:
    return [annotation.mention(actor) for actor in annotation.actors]


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
    return Counts(*(sum(column) for column in zip(*parts, strict=True)))


def _section(title: str, counts: dict[str, dict[str, Counts]]) -> Section:
    scores, macro = score_labels(counts)
    return Section(title=title, scores=tuple(scores), macro=macro)
