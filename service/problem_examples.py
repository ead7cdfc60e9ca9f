"""Examples of what the service says is wrong, for its description."""

from typing import Any

from service.jobs.job import UploadOptions
from service.problems import MEDIA_TYPE, Fault, ProblemError, fault
from service.query import unknown_parameter

_Operation = tuple[str, str]
_REFERENCE = "#/components/examples/"
_INSTANCE = "e511a8f2097d49529b87ba5456d01bc0"
_ANNOTATIONS, _JOBS = "/v1/annotations", "/v1/jobs"
_SENTENCE, _JOB = f"{_ANNOTATIONS}/{{sentence}}", f"{_JOBS}/{{job}}"
_RESULTS = f"{_JOB}/results"
_NO_SENTENCE = "no annotation is kept of a sentence with this id"
_NO_JOB = "there is no such job"
_STOPPING = "the service is stopping"
_LOCKED = "the database of annotations is locked by another process"
_NO_FOLDER = "the folder of jobs cannot be used; the log has the reason; try again in 60 s"
_OTHER_TEXT = "the id 'd0a5' stands for a sentence with another text already"
_LARGE = "the body has more than 8000000 bytes; send several smaller requests"
_LARGE_FILE = "the file has more than 2000000000 bytes; send several smaller ones"


def _too_large(message: str) -> ProblemError:
    return ProblemError(413, message, [Fault(loc=("body",), msg=message, type="too_large")])


def _missing(*way: str | int) -> ProblemError:
    return fault(("body", *way), "missing", "Field required")


def _too_many(most: int) -> ProblemError:
    return fault(("query", "limit"), "less_than_equal", f"Input should be less than or equal to {most}")


#: What any operation may say.
_COMMON = {
    "401": ProblemError(401, "a key is needed; send it as Authorization: Bearer KEY, or as X-API-Key: KEY"),
    "403": ProblemError(403, "this service reads no files by itself; send the file, or set FRAMELINE_JOBS_ROOTS"),
    "404": ProblemError(404, "annotations are not kept here; FRAMELINE_ANNOTATIONS=true turns that on"),
    "408": ProblemError(408, "nothing of the body came for 120 seconds"),
    "410": ProblemError(410, "the job is expired; its results are gone"),
    "413": _too_large(_LARGE),
    "415": ProblemError(415, "the character set 'latin-1' is not read here; send UTF-8"),
    "429": ProblemError(429, "more than 600 requests in 60 s; try again in 12 s"),
    "501": ProblemError(501, "this service takes no jobs, since FRAMELINE_JOBS is false"),
    "503": ProblemError(503, "there is too much to label already; try again in 2 s"),
    "507": ProblemError(507, "there is no room for further jobs; delete some that have ended, or ask for more room"),
}
#: What an operation says of its own.
_OWN: dict[_Operation, tuple[ProblemError, ...]] = {
    ("post", "/v1/classify"): (_missing("documents", 0, "text"),),
    ("get", "/v1/codebook"): (unknown_parameter("frame", ()),),
    ("post", _ANNOTATIONS): (
        _missing("annotations", 0, "text"),
        ProblemError(
            409, _OTHER_TEXT, [Fault(loc=("body", "annotations", 0, "text"), msg=_OTHER_TEXT, type="conflict")]
        ),
        ProblemError(503, _LOCKED),
    ),
    ("get", _ANNOTATIONS): (_too_many(1_000), ProblemError(503, _LOCKED)),
    ("get", f"{_SENTENCE}/history"): (
        unknown_parameter("latest", ()),
        ProblemError(404, _NO_SENTENCE),
        ProblemError(503, _LOCKED),
    ),
    ("delete", _SENTENCE): (
        unknown_parameter("annotator", ()),
        ProblemError(404, "'newsroom' has annotated no sentence with this id"),
        ProblemError(503, _LOCKED),
    ),
    ("post", _JOBS): (
        unknown_parameter("text_colum", sorted(UploadOptions.model_fields)),
        _too_large(_LARGE_FILE),
        ProblemError(503, "100 jobs wait already; try again in 60 s"),
    ),
    ("get", _JOBS): (_too_many(1_000), ProblemError(503, _NO_FOLDER)),
    ("get", _JOB): (unknown_parameter("table", ()), ProblemError(404, _NO_JOB), ProblemError(503, _NO_FOLDER)),
    ("delete", _JOB): (unknown_parameter("force", ()), ProblemError(404, _NO_JOB), ProblemError(503, _NO_FOLDER)),
    ("get", _RESULTS): (
        unknown_parameter("tabel", ("format", "table")),
        ProblemError(404, _NO_JOB),
        ProblemError(409, "the job is running; its results are there when it has finished"),
        ProblemError(503, _NO_FOLDER),
    ),
    ("get", "/health"): (ProblemError(503, _STOPPING),),
    ("get", "/health/ready"): (ProblemError(503, _STOPPING),),
    ("post", "/"): (_missing("inputs"),),
    ("post", "/predict"): (_missing("inputs"),),
    ("post", "/classify"): (
        _missing("input"),
        ProblemError(404, "there is no model 'bert-base' here; leave it out, or name 'frameline-minilm'"),
    ),
    ("post", "/label-studio/setup"): (_missing("schema"),),
    ("post", "/label-studio/predict"): (_missing("tasks"),),
    ("post", "/label-studio/webhook"): (_missing("action"),),
}


def add_problems(document: dict[str, Any]) -> None:
    """Give the answers that are problems an example each; those of many operations stand in the components."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            own = {str(error.problem.status): error for error in _OWN.get((method, path), ())}
            for status, response in operation["responses"].items():
                if MEDIA_TYPE in response.get("content", {}):
                    example = _show(own[status]) if status in own else {"$ref": f"{_REFERENCE}{status}"}
                    content = {**response["content"][MEDIA_TYPE], "examples": {"example 1": example}}
                    response["content"] = {**response["content"], MEDIA_TYPE: content}
    document["components"]["examples"] = {status: _show(error) for status, error in _COMMON.items()}


def _show(error: ProblemError) -> dict[str, Any]:
    return {"value": error.problem.model_copy(update={"instance": _INSTANCE}).model_dump(mode="json")}
