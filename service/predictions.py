"""Frame probabilities of single sentences: what services that classify text answer, in the forms of two of them."""

import math

from fastapi import Request
from pydantic import ConfigDict

from model.codebook import Schema
from model.prediction import FrameScore, TextDocument
from service.labelling import label, while_connected
from service.request import Place, check_size
from service.scheduler import Scheduler
from service.settings import ServiceSettings
from service.wire import RequestDocument
from service.worker_labeller import AnyLabeller

#: The largest score, where a probability of 1 has no log-odds.
_LARGEST = 36.0


class Asked(Schema):
    """A request in another service's form; fields that are not known are ignored, as they are there."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Prediction(Schema):
    """A frame and its score, a probability; those of a text add up to 1 only if frames exclude each other."""

    label: str
    score: float


async def predict(
    request: Request, labeller: AnyLabeller, texts: list[str], place: Place, *, raw: bool
) -> list[list[Prediction]]:
    """The score of every frame for each text, the highest first; none for a blank text.

    Each text is taken as one sentence.

    Args:
        request: which asks for it.
        labeller: the model that scores.
        texts: the sentences.
        place: where they stand in the request.
        raw: give log-odds instead of probabilities.

    Raises:
        ProblemError: there are too many texts, they are too long, or there is too much to do already.
    """
    settings: ServiceSettings = request.app.state.settings
    scheduler: Scheduler = request.app.state.scheduler
    check_size([RequestDocument(text=text) for text in texts], settings, place, place)
    documents = [TextDocument(id=str(number), text=text, actors=()) for number, text in enumerate(texts)]
    labelled = await while_connected(request, label(scheduler, documents, False, settings, labeller=labeller))
    return [
        _sorted([score for sentence in document.sentences for score in sentence.frames], raw) for document in labelled
    ]


def _sorted(scores: list[FrameScore], raw: bool) -> list[Prediction]:
    predictions = [
        Prediction(label=score.frame, score=_log_odds(score.probability) if raw else score.probability)
        for score in scores
    ]
    return sorted(predictions, key=lambda prediction: -prediction.score)


def _log_odds(probability: float) -> float:
    if not 0 < probability < 1:
        return math.copysign(_LARGEST, probability - 0.5)
    return math.log(probability / (1 - probability))
