"""What the description of the service (OpenAPI) says of jobs, beyond what their handlers declare."""

from typing import Any

from service.jobs.form import Form
from service.jobs.job import JobRequest, UploadOptions
from service.jobs.naming import SUFFIXES
from service.jobs.upload import FILE, FORM
from service.problems import MEDIA_TYPE
from service.wire import JSON, LINES

_PROBLEMS = {
    401: "A key is asked for, and none or a wrong one was given.",
    403: "The service reads no files by itself, or a page of another origin sent the file.",
    404: "The caller's key has no such job.",
    408: "Nothing of the file came for too long.",
    409: "The job has no results, or none yet.",
    410: "The results are gone: they have expired, or the job was cancelled.",
    413: "The file is too large.",
    415: "The file is of a format, an encoding or a character set that is not read.",
    422: "The request is faulty, or a parameter of its query does not exist; every fault is named.",
    429: "Too many requests came; Retry-After says when to go on.",
    501: "The service takes no jobs; the detail says what it needs.",
    503: "Too many jobs wait, or the service is stopping; Retry-After says when to try again.",
    507: "There is no room for further jobs.",
}
_HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"description": "How to give a key.", "schema": {"type": "string"}}},
    429: {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}},
    503: {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}},
}
_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_EXAMPLES = {
    LINES: '{"id": "1", "text": "Ankara blamed NATO.", "outlet": "Herald"}\n',
    "text/csv": "id,text,outlet\n1,Ankara blamed NATO.,Herald\n",
    "text/plain": "Ankara blamed NATO.\n",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The answers of an operation that does not do as asked."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": _PROBLEMS[status], "content": content}
        | ({"headers": _HEADERS[status]} if status in _HEADERS else {})
        for status in statuses
    }


def _form() -> dict[str, Any]:
    fields = UploadOptions.model_json_schema()["properties"]
    fields.pop("name")
    file = {"type": "string", "format": "binary", "description": "The archive; its name's end says the format."}
    schema = {"type": "object", "required": [FILE], "properties": {FILE: file, **fields}, "additionalProperties": False}
    return {"schema": schema}


def _file(media_type: str) -> dict[str, Any]:
    if media_type not in _EXAMPLES:
        return _BINARY
    return _BINARY | {"examples": {"example 1": {"value": _EXAMPLES[media_type]}}}


def _named() -> dict[str, Any]:
    schema = JobRequest.model_json_schema()
    examples = {f"example {number}": {"value": each} for number, each in enumerate(schema.pop("examples"), start=1)}
    return {"schema": schema, "examples": examples}


#: The bodies of a new job.
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {JSON: _named(), FORM: _form(), **{media_type: _file(media_type) for media_type in SUFFIXES}},
    }
}
#: The answer to one that was taken.
LOCATION: dict[str, Any] = {
    "description": "The job was taken.",
    "headers": {"Location": {"description": "The job.", "schema": {"type": "string"}}},
}
#: A table.
RESULTS: dict[str, Any] = {
    "description": "The table, streamed.",
    "content": {
        Form.PARQUET.media_type: _BINARY,
        LINES: {"schema": {"type": "array", "items": {"type": "object"}, "description": "One row a line."}},
        JSON: {"schema": {"type": "object"}},
    },
    "headers": {"Content-Disposition": {"description": "A name for the file.", "schema": {"type": "string"}}},
}
