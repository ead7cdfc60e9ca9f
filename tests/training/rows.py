"""Labelled sentences made by hand, so that every figure is known."""

from collections.abc import Mapping, Sequence

from model.annotation import Annotation
from model.prediction import ActorStance, Document, FrameScore, Sentence
from training.evaluation import Labelled

STANCES = ("supportive", "neutral", "critical")


def labelled(
    name: str,
    text: str,
    *,
    gold: Sequence[str] = (),
    probabilities: Mapping[str, float],
    actors: Sequence[tuple[str, str, Sequence[float] | None]] = (),
    document: str = "d",
    origin: str = "test",
) -> Labelled:
    """A sentence; ``actors`` hold a mention, its gold stance and the probabilities of ``STANCES`` or None."""
    spans, judged = [], []
    for mention, stance, scores in actors:
        place = {"start": text.index(mention), "end": text.index(mention) + len(mention)}
        spans.append({**place, "stance": stance})
        if scores is not None:
            given = dict(zip(STANCES, scores, strict=True))
            best = max(given, key=given.__getitem__)
            judged.append(ActorStance(mention=mention, **place, actor=None, stance=best, probabilities=given))
    row = {"id": name, "document": document, "text": text, "frames": list(gold), "actors": spans, "origin": origin}
    frames = tuple(
        FrameScore(frame=frame, probability=probability, present=probability >= 0.5)
        for frame, probability in probabilities.items()
    )
    documents = [
        Document(id=name, sentences=(Sentence(start=0, end=len(text), text=text, frames=frames, actors=tuple(found)),))
        for found in ([], judged)
    ]
    annotation = Annotation.model_validate({**row, "annotator": "one"})
    return Labelled(annotation, documents[0], documents[1], marked=True)
