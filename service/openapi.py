"""The description of the service (OpenAPI), with what its handlers read by themselves."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from service.problems import MEDIA_TYPE, Problem
from service.security import describe_security
from service.wire import ClassifyRequest

_COMPONENTS = "#/components/schemas/"
#: What each operation answers when it does not do as asked.
_PROBLEMS = {
    ("post", "/v1/classify"): {
        "413": "The body is too large.",
        "415": "The body is of a type, an encoding or a character set that is not read.",
        "422": "The body is faulty; every fault is named with its field.",
        "503": "There is too much to do; Retry-After says when to try again.",
    },
    ("get", "/health/ready"): {"503": "The service is stopping."},
}
_REFUSED = {
    "401": "The key is missing, unknown or revoked.",
    "429": "Too many requests came; Retry-After says when to go on.",
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of ``app``."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        _, models = models_json_schema(
            [(ClassifyRequest, "validation"), (Problem, "serialization")], ref_template=_COMPONENTS + "{model}"
        )
        document["components"]["schemas"].update(models["$defs"])
        document["paths"]["/v1/classify"]["post"]["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"{_COMPONENTS}ClassifyRequest"}}},
        }
        for (method, path), problems in _PROBLEMS.items():
            document["paths"][path][method]["responses"].update(
                {status: _problem(status, description) for status, description in problems.items()}
            )
        describe_security(
            document, app.state.settings, {status: _problem(status, said) for status, said in _REFUSED.items()}
        )
        app.openapi_schema = document
    return app.openapi_schema


def _problem(status: str, description: str) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_COMPONENTS}Problem"}}},
    }
    if status in ("429", "503"):
        response["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    return response
