"""Labelling what a request asks for, within its limits."""

import asyncio
import math
from collections.abc import Awaitable, Iterable
from itertools import islice
from typing import TypeVar
from urllib.parse import quote

from fastapi import Request

from model.prediction import Document, TextDocument
from model.unlabelled import Unlabelled
from service.problems import HUNG_UP, ProblemError, fault
from service.record import current
from service.scheduler import BusyError, Scheduler
from service.settings import ServiceSettings
from service.wire import ModelInfo
from service.worker_labeller import AnyLabeller

#: Texts and mentions of up to so many characters are prepared in the event loop; longer ones would hold up the others.
_SHORT = 20_000

#: Names the model where an answer has no room for it.
MODEL_HEADER = "X-Frameline-Model"
_Answer = TypeVar("_Answer")


def model_info(labeller: AnyLabeller) -> ModelInfo:
    """Which model answers."""
    return ModelInfo(name=labeller.config.name, version=labeller.config.version, codebook=labeller.codebook_label)


def model_header(labeller: AnyLabeller) -> str:
    """The same in a header: name, version and codebook, each percent-encoded."""
    return " ".join(quote(part, safe="+@:,;=()") for part in dict(model_info(labeller)).values())


async def label(
    scheduler: Scheduler,
    documents: list[TextDocument],
    split: bool,
    settings: ServiceSettings,
    *,
    labeller: AnyLabeller | None = None,
    patient: bool = False,
) -> tuple[Document, ...]:
    """The documents with their labels.

    Args:
        scheduler: labels the sentences.
        documents: what to label.
        split: False takes each text as one sentence.
        settings: the limits.
        labeller: labels them; whoever says which model it was gives it, since another may take over meanwhile.
        patient: never refuse because others wait; for callers that bound by themselves what they have on the way.

    Raises:
        ProblemError: 422 for too many sentences; 503 if there is too much to do already, or it took too long.
    """
    labeller = scheduler.labeller if labeller is None else labeller
    current().documents += len(documents)
    characters = sum(len(part) for document in documents for part in (document.text, *(document.actors or ())))
    try:
        async with asyncio.timeout(settings.max_seconds):
            if characters <= _SHORT:
                parts = _split(labeller, documents, split)
            else:
                parts = await asyncio.to_thread(_split, labeller, documents, split)
            sentences = [sentence for part in parts for sentence in part]
            if len(sentences) > settings.max_sentences:
                message = f"{len(sentences)} sentences; send at most {settings.max_sentences} a request"
                raise fault(("body",), "too_long", message)
            labelled = iter(await scheduler.label(sentences, labeller=labeller, patient=patient))
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
    hung_up.add_done_callback(lambda _: task.cancel())
    try:
        return await task
    except asyncio.CancelledError:
        if hung_up.done() and not hung_up.cancelled():
            raise ProblemError(HUNG_UP, "the client hung up before it was answered") from None
        raise
    finally:
        task.cancel()
        hung_up.cancel()


def _split(labeller: AnyLabeller, documents: Iterable[TextDocument], split: bool) -> list[list[Unlabelled]]:
    return [list(labeller.sentences(document, split=split)) for document in documents]
