"""Labels as Label Studio's predictions hold them."""

from typing import Any

from model.codebook import Schema
from model.label_studio import actor_results, frame_results
from model.prediction import ActorStance, Document, FrameScore, Sentence
from service.label_studio_project import Project


class LabelStudioPrediction(Schema):
    """What the model says of one task; ``score`` is its confidence in the label of which it is least sure."""

    result: list[dict[str, Any]]
    score: float
    model_version: str


def make_prediction(document: Document, text: str, project: Project, version: str) -> LabelStudioPrediction:
    """The prediction for a task; ``document`` is its text, labelled as one sentence."""
    results = [result for sentence in document.sentences for result in _results(sentence, text)]
    labels: list[FrameScore | ActorStance] = []
    for sentence in document.sentences:
        labels += [*sentence.frames, *sentence.actors]
    return LabelStudioPrediction(
        result=[result for result in results if result["from_name"] in project.tags],
        score=round(min((label.confidence for label in labels), default=1.0), 4),
        model_version=version,
    )


def _results(sentence: Sentence, text: str) -> list[dict[str, Any]]:
    present = [score for score in sentence.frames if score.present]
    results = frame_results(
        [score.frame for score in present], min((score.confidence for score in present), default=None)
    )
    for actor in sentence.actors:
        results += actor_results(text, actor.start, actor.end, actor.stance, actor.actor, actor.confidence)
    return results
