"""The description of the service (OpenAPI), with what its handlers read and answer by themselves."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from model.annotation import Annotation
from model.prediction import Document
from service.annotations.wire import AnnotationsRequest
from service.answers import add_answers
from service.infinity import InfinityRequest
from service.label_studio import LabelStudioEvent, LabelStudioRequest, LabelStudioSetup
from service.labelling import MODEL_HEADER
from service.line import LineProblem
from service.problem_examples import add_problems
from service.problems import MEDIA_TYPE, Problem
from service.security import describe_security
from service.tei import PredictRequest
from service.wire import JSON, LINES, ClassifyRequest, RequestDocument

_COMPONENTS = "#/components/schemas/"
#: What FastAPI would describe and is never answered.
_UNUSED = ("HTTPValidationError", "ValidationError")
_Operation = tuple[str, str]
#: The bodies that an operation reads, by their media type.
_BODIES: dict[_Operation, dict[str, type[BaseModel]]] = {
    ("post", "/v1/classify"): {JSON: ClassifyRequest, LINES: RequestDocument},
    ("post", "/v1/annotations"): {JSON: AnnotationsRequest},
    ("post", "/predict"): {JSON: PredictRequest},
    ("post", "/"): {JSON: PredictRequest},
    ("post", "/classify"): {JSON: InfinityRequest},
    ("post", "/label-studio/setup"): {JSON: LabelStudioSetup},
    ("post", "/label-studio/predict"): {JSON: LabelStudioRequest},
    ("post", "/label-studio/webhook"): {JSON: LabelStudioEvent},
}
_PROBLEMS = {
    "401": "A key is asked for, and none or a wrong one was given.",
    "404": "There is no such thing here.",
    "408": "Nothing of the body came for too long.",
    "409": "This contradicts what is kept already; every fault is named with its field.",
    "413": "The body is too large.",
    "415": "The body is of a type, an encoding or a character set that is not read.",
    "422": "The request is faulty, or a parameter of its query (below /v1) does not exist; every fault is named.",
    "429": "Too many requests came; Retry-After says when to go on.",
    "503": "There is too much to do, the service stops, or its database fails; Retry-After says when to try again.",
}
_KEPT = ("401", "429")
_LABELLING = ("401", "408", "413", "415", "422", "429", "503")
_KEEPING = ("401", "404", "422", "429", "503")
#: What an operation answers when it does not do as asked.
_ANSWERS: dict[_Operation, tuple[str, ...]] = {
    ("post", "/v1/classify"): _LABELLING,
    ("post", "/predict"): _LABELLING,
    ("post", "/"): _LABELLING,
    ("post", "/classify"): ("404", *_LABELLING),
    ("get", "/v1/codebook"): ("401", "422", "429"),
    ("post", "/v1/annotations"): ("404", "409", *_LABELLING),
    ("get", "/v1/annotations"): _KEEPING,
    ("get", "/v1/annotations/{sentence}/history"): _KEEPING,
    ("delete", "/v1/annotations/{sentence}"): _KEEPING,
    ("get", "/info"): _KEPT,
    ("get", "/models"): _KEPT,
    ("post", "/label-studio/setup"): ("401", "408", "413", "415", "422", "429"),
    ("post", "/label-studio/predict"): _LABELLING,
    ("post", "/label-studio/webhook"): ("401", "408", "413", "415", "422", "429"),
    ("get", "/label-studio/health"): _KEPT,
    ("get", "/label-studio/versions"): _KEPT,
    ("get", "/label-studio/state"): _KEPT,
    ("get", "/health"): ("503",),
    ("get", "/health/ready"): ("503",),
}
_HEADERS = {
    "401": {"WWW-Authenticate": {"description": "How to give a key.", "schema": {"type": "string"}}},
    "429": {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}},
    "503": {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}},
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of ``app``."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        _add_schemas(document["components"]["schemas"])
        for (method, path), kinds in _BODIES.items():
            content = {media_type: _body(media_type, kind) for media_type, kind in kinds.items()}
            document["paths"][path][method]["requestBody"] = {"required": True, "content": content}
        for (method, path), statuses in _ANSWERS.items():
            responses = document["paths"][path][method]["responses"]
            responses.update({status: _problem(status) for status in sorted(statuses)})
        _add_stream(document["paths"]["/v1/classify"]["post"]["responses"]["200"])
        document["paths"]["/v1/codebook"]["get"]["responses"]["200"]["headers"] = _model_header("The")
        _add_lines(document["paths"]["/v1/annotations"])
        add_answers(document["paths"])
        add_problems(document)
        describe_security(document, app.state.settings)
        app.openapi_schema = document
    return app.openapi_schema


def _add_schemas(schemas: dict[str, Any]) -> None:
    asked = {kind for kinds in _BODIES.values() for kind in kinds.values()}
    _, models = models_json_schema(
        [
            *((kind, "validation") for kind in sorted(asked, key=lambda kind: kind.__name__)),
            (Problem, "validation"),
            (LineProblem, "validation"),
            (Annotation, "validation"),
        ],
        ref_template=_COMPONENTS + "{model}",
    )
    schemas.update(models["$defs"])
    for name in _UNUSED:
        schemas.pop(name, None)


def _body(media_type: str, kind: type[BaseModel]) -> dict[str, Any]:
    """What a body of a media type is, with the kind's examples; of lines, they are the lines of one body."""
    examples = kind.model_json_schema()["examples"]
    values = [examples] if media_type == LINES else examples
    shown = {f"example {number}": {"value": value} for number, value in enumerate(values, start=1)}
    return _content(media_type, kind.__name__) | {"examples": shown}


def _content(media_type: str, *kinds: str) -> dict[str, Any]:
    """What a body of a media type is, of schemas of these names; of lines, each is an item."""
    references = [{"$ref": _COMPONENTS + kind} for kind in kinds]
    schema: dict[str, Any] = references[0] if len(kinds) == 1 else {"anyOf": references}
    if media_type == LINES:
        schema = {"type": "array", "items": schema, "description": "One item a line."}
    return {"schema": schema}


def _add_stream(response: dict[str, Any]) -> None:
    response["description"] = "The labelled documents; of lines, each is a document or says what is wrong with it."
    response["content"][LINES] = _content(LINES, Document.__name__, LineProblem.__name__)
    response["headers"] = _model_header("With lines: the")


def _model_header(beginning: str) -> dict[str, Any]:
    description = f"{beginning} model's name and version and the codebook, each percent-encoded."
    return {MODEL_HEADER: {"description": description, "schema": {"type": "string"}}}


def _add_lines(operations: dict[str, Any]) -> None:
    operations["get"]["responses"]["200"]["content"][LINES] = _content(LINES, Annotation.__name__)
    responses = operations["post"]["responses"]
    responses["201"]["description"] = "What is kept now, in the order of the request."
    responses["200"] = {**responses["201"], "description": "The same, where nothing of it is new."}


def _problem(status: str) -> dict[str, Any]:
    content = {MEDIA_TYPE: _content(MEDIA_TYPE, Problem.__name__)}
    response: dict[str, Any] = {"description": _PROBLEMS[status], "content": content}
    if status in _HEADERS:
        response["headers"] = _HEADERS[status]
    return response
