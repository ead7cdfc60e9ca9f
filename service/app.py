"""The REST service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from model.codebook import Codebook
from model.labeller import Labeller
from model.prediction import TextDocument
from service.page import page_router
from service.settings import ServiceSettings
from service.wire import (
    ClassifyRequest,
    ClassifyResponse,
    Faults,
    Health,
    ModelInfo,
    RequestDocument,
    number_documents,
)

_WARM_UP = "Both delegations left the hall before noon."


def create_app(settings: ServiceSettings) -> FastAPI:
    """Make the service; its model is loaded when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        codebook = None if settings.codebook is None else Codebook.load(settings.codebook)
        labeller = Labeller.from_checkpoint(settings.checkpoint, codebook, settings.threads)
        labeller.classify(_WARM_UP)
        app.state.labeller = labeller
        yield
        labeller.close()

    app = FastAPI(
        title="Frameline",
        summary="Labels every sentence of a news text by framing and by stance toward each political actor.",
        version="1",
        lifespan=lifespan,
    )
    app.add_exception_handler(RequestValidationError, _explain)
    _add_routes(app, settings)
    app.include_router(page_router())
    return app


async def _labeller(request: Request) -> Labeller:
    labeller: Labeller = request.app.state.labeller
    return labeller


LabellerDependency = Annotated[Labeller, Depends(_labeller)]


def _add_routes(app: FastAPI, settings: ServiceSettings) -> None:
    @app.post("/v1/classify", responses={422: {"model": Faults}}, tags=["labels"])
    def classify(request: ClassifyRequest, labeller: LabellerDependency) -> ClassifyResponse:
        """Label every sentence of the documents, by framing and by stance toward each actor."""
        documents = _check(request, settings)
        return ClassifyResponse(
            model=_model_info(labeller),
            documents=tuple(labeller.classify_documents(documents, split=request.split)),
        )

    @app.get("/v1/codebook", tags=["labels"])
    def codebook(labeller: LabellerDependency) -> Codebook:
        """The labelling schema in use: frames, stances and known actors."""
        return labeller.codebook

    @app.get("/health/live", tags=["health"])
    async def live() -> Health:
        """Whether the process answers."""
        return Health(status="alive")

    @app.get("/health/ready", tags=["health"])
    async def ready(labeller: LabellerDependency) -> Health:
        """Whether the model has been loaded and has labelled a first sentence."""
        return Health(status="ready", model=_model_info(labeller))


def _model_info(labeller: Labeller) -> ModelInfo:
    return ModelInfo(name=labeller.config.name, version=labeller.config.version, codebook=labeller.codebook.label)


def _check(request: ClassifyRequest, settings: ServiceSettings) -> list[TextDocument]:
    """The request's documents, or a 422 that names the field."""
    documents = request.texts()
    place: tuple[str | int, ...] = ("body",) if request.documents is None else ("body", "documents")
    if len(documents) > settings.max_documents:
        raise _fault(place, "too_many", f"{len(documents)} documents; send at most {settings.max_documents} a request")
    characters = sum(len(part) for document in documents for part in (document.text, *(document.actors or ())))
    if characters > settings.max_characters:
        field = (*place, "text") if request.documents is None else place
        message = f"{characters} characters; send at most {settings.max_characters} a request, or split the text"
        raise _fault(field, "too_long", message)
    try:
        texts = number_documents(documents)
    except ValidationError:
        raise _mention_fault(documents, place) from None
    seen: dict[str, int] = {}
    for number, text in enumerate(texts):
        if text.id in seen:
            message = f"{text.id!r} is the id of document {seen[text.id]} already; ids are unique"
            raise _fault((*place, number, "id"), "duplicate_id", message)
        seen[text.id] = number
    return texts


def _mention_fault(documents: list[RequestDocument], place: tuple[str | int, ...]) -> RequestValidationError:
    """The first fault in the documents' mentions, with the way to it."""
    for number, document in enumerate(documents):
        try:
            number_documents([document])
        except ValidationError as error:
            return _fault((*place, number, "actors"), "actors", error.errors(include_url=False)[0]["msg"])
    raise ValueError("no document is at fault")


def _fault(place: tuple[str | int, ...], kind: str, message: str) -> RequestValidationError:
    return RequestValidationError([{"loc": place, "msg": message, "type": kind}])


async def _explain(request: Request, error: Exception) -> JSONResponse:
    """A 422 that names each field and says what is wrong, without sending the text back."""
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    detail = [{"loc": list(fault["loc"]), "msg": fault["msg"], "type": fault["type"]} for fault in faults]
    return JSONResponse({"detail": detail}, status_code=422)
