"""The description of the service (OpenAPI), with what its handlers read by themselves."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from service.key_guard import HEADER, is_open
from service.problems import MEDIA_TYPE, Problem
from service.settings import ServiceSettings
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
        _describe_protection(document, app.state.settings)
        app.openapi_schema = document
    return app.openapi_schema


def _describe_protection(document: dict[str, Any], settings: ServiceSettings) -> None:
    """Add what every operation asks for and answers that is not open to everybody."""
    guarded = [each for path, item in document["paths"].items() if not is_open(path) for each in item.values()]
    if settings.needs_keys:
        document["components"]["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": HEADER},
        }
        for operation in guarded:
            operation["security"] = [{"bearer": []}, {"header": []}]
            operation["responses"]["401"] = _problem("401", "The key is missing, unknown or revoked.")
    if settings.rate_limit is not None:
        for operation in guarded:
            operation["responses"]["429"] = _problem("429", f"More requests than {settings.rate_limit}.")


def _problem(status: str, description: str) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_COMPONENTS}Problem"}}},
    }
    if status in ("429", "503"):
        response["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    return response
