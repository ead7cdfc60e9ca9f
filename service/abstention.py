"""Abstaining: labels of which the model is not sure enough are not given."""

from model.prediction import Document, FrameScore


def abstain(document: Document, min_confidence: float) -> Document:
    """The document with every frame absent that was decided with less than ``min_confidence``.

    Probabilities stay as they are, and actors stay listed, each with its likeliest stance, whose probability
    says how sure it is.
    """
    sentences = tuple(
        sentence.model_copy(update={"frames": tuple(_decided(score, min_confidence) for score in sentence.frames)})
        for sentence in document.sentences
    )
    return document.model_copy(update={"sentences": sentences})


def _decided(score: FrameScore, min_confidence: float) -> FrameScore:
    return score if score.confidence >= min_confidence else score.model_copy(update={"present": False})
