"""The form of infinity, for single sentences."""

import asyncio
import time
from typing import Literal
from uuid import uuid4

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field
from starlette.responses import Response

from model.codebook import Schema
from model.text import UnicodeText
from service.body import read_json
from service.predictions import Asked, Prediction, predict
from service.problems import SOON, ProblemError
from service.request import BODY, parse
from service.scheduler import Scheduler
from service.settings import ServiceSettings
from service.wire import JSON
from service.worker_labeller import AnyLabeller

router = APIRouter(tags=["compatible with infinity"])
#: What infinity's clients send where they name no model.
_ANY_MODEL = "default/not-specified"
_TEXT = "Eleven families are still under the rubble."


class InfinityRequest(Asked):
    """Texts; each is taken as one sentence."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"input": [_TEXT], "model": _ANY_MODEL}]})

    input: tuple[UnicodeText, ...]
    model: UnicodeText = Field(default=_ANY_MODEL, description="The model's name, as /models gives it.")
    raw_scores: bool = Field(default=False, strict=True, description="Give log-odds instead of probabilities.")


class Usage(Schema):
    """Tokens of the texts, special ones not counted."""

    prompt_tokens: int
    total_tokens: int


class InfinityResponse(Schema):
    """The scores of every frame for each text, the highest first; they add up to 1 if frames exclude each other."""

    object: Literal["classify"] = "classify"
    data: tuple[tuple[Prediction, ...], ...]
    model: str
    usage: Usage
    id: str
    created: int = Field(description="Seconds since 1970.")


class Stats(Schema):
    """How busy the model is."""

    queue_fraction: float
    queue_absolute: int
    batch_size: int


class InfinityModel(Schema):
    """The model."""

    id: str
    stats: Stats
    object: Literal["model"] = "model"
    owned_by: Literal["infinity"] = Field(default="infinity", description="What infinity's clients take.")
    created: int = Field(description="Seconds since 1970.")
    backend: str = "onnxruntime"
    capabilities: tuple[Literal["classify"], ...] = ("classify",)


class InfinityModels(Schema):
    """The one model."""

    data: tuple[InfinityModel, ...]
    object: Literal["list"] = "list"


class Pulse(Schema):
    """That the service answers, and when."""

    unix: float = Field(description="Seconds since 1970.")


@router.post("/classify", response_model=InfinityResponse)
async def classify(request: Request) -> Response:
    """Score every frame for each text, the highest first.

    The scores are probabilities of their own, one a frame, and do not add up to 1, unless the codebook's frames exclude
    each other.
    """
    settings: ServiceSettings = request.app.state.settings
    scheduler: Scheduler = request.app.state.scheduler
    labeller = scheduler.labeller
    asked = parse(InfinityRequest, await read_json(request, settings.max_body))
    if asked.model not in (_ANY_MODEL, labeller.config.name):
        raise ProblemError(
            404, f"there is no model {asked.model!r} here; leave it out, or name {labeller.config.name!r}"
        )
    predictions = await predict(request, labeller, list(asked.input), (*BODY, "input"), raw=asked.raw_scores)
    tokens = await asyncio.to_thread(_count_tokens, labeller, asked.input)
    answer = InfinityResponse(
        data=tuple(map(tuple, predictions)),
        model=labeller.config.name,
        usage=Usage(prompt_tokens=tokens, total_tokens=tokens),
        id=f"frameline-{uuid4()}",
        created=int(time.time()),
    )
    return Response(answer.model_dump_json(), media_type=JSON)


@router.get("/models")
async def models(request: Request) -> InfinityModels:
    """The one model, as `model` of a request may name it."""
    settings: ServiceSettings = request.app.state.settings
    scheduler: Scheduler = request.app.state.scheduler
    queued = scheduler.queued
    stats = Stats(queue_fraction=queued / settings.max_queue, queue_absolute=queued, batch_size=1)
    return InfinityModels(
        data=(InfinityModel(id=scheduler.labeller.config.name, stats=stats, created=int(time.time())),)
    )


@router.get("/health")
async def health(request: Request) -> Pulse:
    """Whether requests may be sent, for clients that ask at this path; /health/ready says more."""
    if request.app.state.stopping:
        raise ProblemError(503, "the service is stopping", headers=SOON)
    return Pulse(unix=time.time())


def _count_tokens(labeller: AnyLabeller, texts: tuple[str, ...]) -> int:
    return sum(len(labeller.tokenizer(text, []).offsets) for text in texts)
