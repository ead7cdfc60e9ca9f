"""``/v1``: labels for documents, and the codebook."""

import asyncio
import json
import math
from collections.abc import Awaitable, Iterable
from contextlib import suppress
from itertools import islice
from typing import TypeVar

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from model.codebook import Codebook
from model.labeller import Labeller, Unlabelled
from model.prediction import Document, TextDocument
from service.body import media_type, read_body
from service.problems import HUNG_UP, ProblemError, fault, faults_of, invalid
from service.record import current
from service.scheduler import BusyError, Scheduler
from service.settings import ServiceSettings
from service.wire import ClassifyRequest, ClassifyResponse, ModelInfo, RequestDocument, number_documents

#: Texts of up to so many characters are split into sentences in the event loop; a longer one would hold up the others.
_SHORT = 20_000

_Answer = TypeVar("_Answer")
router = APIRouter(prefix="/v1", tags=["labels"])


@router.post("/classify", response_model=ClassifyResponse)
async def classify(request: Request) -> Response:
    """Label every sentence of the documents, by framing and by stance toward each actor."""
    declared = media_type(request)
    if declared not in ("", "application/json"):
        raise ProblemError(415, f"{declared!r} is not read here; send Content-Type: application/json")
    settings: ServiceSettings = request.app.state.settings
    scheduler: Scheduler = request.app.state.scheduler
    asked = parse(await read_body(request, settings.max_body))
    documents = check(asked, settings)
    labelled = await while_connected(request, label(scheduler, documents, asked.split, settings))
    answer = ClassifyResponse(model=model_info(scheduler.labeller), documents=labelled)
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get("/codebook")
async def codebook(request: Request) -> Codebook:
    """The labelling schema in use: frames, stances and known actors."""
    scheduler: Scheduler = request.app.state.scheduler
    return scheduler.labeller.codebook


def model_info(labeller: Labeller) -> ModelInfo:
    """Which model answers."""
    return ModelInfo(name=labeller.config.name, version=labeller.config.version, codebook=labeller.codebook.label)


def parse(body: bytes) -> ClassifyRequest:
    """A request from its body.

    Raises:
        ProblemError: 422 that names every field at fault.
    """
    try:
        return ClassifyRequest.model_validate_json(body)
    except ValidationError as error:
        failure = error
    if failure.errors()[0]["type"] == "json_invalid":  # as with a lone surrogate, where Python's parser finds the field
        with suppress(ValueError, RecursionError):
            try:
                return ClassifyRequest.model_validate(json.loads(body))
            except ValidationError as error:
                failure = error
    raise invalid(faults_of(failure, ("body",)))


def check(asked: ClassifyRequest, settings: ServiceSettings) -> list[TextDocument]:
    """The request's documents.

    Raises:
        ProblemError: 422 that names the field at fault.
    """
    documents = asked.texts()
    place: tuple[str | int, ...] = ("body",) if asked.documents is None else ("body", "documents")
    if len(documents) > settings.max_documents:
        raise fault(place, "too_many", f"{len(documents)} documents; send at most {settings.max_documents} a request")
    characters = sum(len(part) for document in documents for part in (document.text, *(document.actors or ())))
    if characters > settings.max_characters:
        field = (*place, "text") if asked.documents is None else place
        message = f"{characters} characters; send at most {settings.max_characters} a request, or split the text"
        raise fault(field, "too_long", message)
    try:
        texts = number_documents(documents)
    except ValidationError:
        raise _mention_fault(documents, place) from None
    seen: dict[str, int] = {}
    for number, text in enumerate(texts):
        if text.id in seen:
            message = f"{text.id!r} is the id of document {seen[text.id]} already; ids are unique"
            raise fault((*place, number, "id"), "duplicate_id", message)
        seen[text.id] = number
    return texts


async def label(
    scheduler: Scheduler, documents: list[TextDocument], split: bool, settings: ServiceSettings
) -> tuple[Document, ...]:
    """The documents with their labels.

    Raises:
        ProblemError: 422 for too many sentences; 503 if there is too much to do already, or it took too long.
    """
    current().documents += len(documents)
    characters = sum(len(document.text) for document in documents)
    if characters <= _SHORT:
        parts = _split(scheduler.labeller, documents, split)
    else:
        parts = await asyncio.to_thread(_split, scheduler.labeller, documents, split)
    sentences = [sentence for part in parts for sentence in part]
    if len(sentences) > settings.max_sentences:
        message = f"{len(sentences)} sentences; send at most {settings.max_sentences} a request"
        raise fault(("body",), "too_long", message)
    try:
        async with asyncio.timeout(settings.max_seconds):
            labelled = iter(await scheduler.label(sentences))
    except BusyError as busy:
        raise unavailable("there is too much to label already", busy.seconds) from None
    except TimeoutError:
        current().reason = "too_slow"
        raise unavailable(f"this took more than {settings.max_seconds:g} seconds", 1) from None
    return tuple(
        Document(id=document.id, sentences=tuple(islice(labelled, len(part))))
        for document, part in zip(documents, parts, strict=True)
    )


def unavailable(reason: str, seconds: float) -> ProblemError:
    """A 503 that says when to try again."""
    wait = max(1, math.ceil(seconds))
    return ProblemError(503, f"{reason}; try again in {wait} s", headers={"Retry-After": str(wait)})


async def while_connected(request: Request, work: Awaitable[_Answer]) -> _Answer:
    """The result of ``work``, which is given up when the client hangs up."""
    task = asyncio.ensure_future(work)
    hung_up = asyncio.ensure_future(request.receive())
    try:
        await asyncio.wait((task, hung_up), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ProblemError(HUNG_UP, "the client hung up before it was answered")
        return task.result()
    finally:
        task.cancel()
        hung_up.cancel()


def _split(labeller: Labeller, documents: Iterable[TextDocument], split: bool) -> list[list[Unlabelled]]:
    return [list(labeller.sentences(document, split=split)) for document in documents]


def _mention_fault(documents: list[RequestDocument], place: tuple[str | int, ...]) -> ProblemError:
    """The first fault in the documents' mentions, with the way to it."""
    for number, document in enumerate(documents):
        try:
            number_documents([document])
        except ValidationError as error:
            return fault((*place, number, "actors"), "actors", error.errors(include_url=False)[0]["msg"])
    raise ValueError("no document is at fault")
