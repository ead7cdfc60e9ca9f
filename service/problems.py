"""Errors as problem details (RFC 9457)."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from model.codebook import Schema
from model.faults import without_consequences
from service.record import current

MEDIA_TYPE = "application/problem+json"
#: nginx's status for a client that is gone before it is answered; it stands in logs and counts only.
HUNG_UP = 499


class Fault(Schema):
    """One thing that is wrong with a request; ``loc`` leads to the field."""

    loc: tuple[str | int, ...]
    msg: str
    type: str


class Problem(Schema):
    """Why a request was not answered as asked (RFC 9457)."""

    type: str = Field(default="about:blank", description="The kind of problem; about:blank is that of the status.")
    title: str
    status: int
    detail: str
    instance: str = Field(default="", description="The request's id, that of X-Request-ID.")
    errors: tuple[Fault, ...] = Field(default=(), description="Everything that is wrong, each with its field.")


#: With a 503 of a service that starts or stops.
SOON = {"Retry-After": "5"}


class ProblemError(Exception):
    """A request cannot be answered as asked.

    Args:
        status: the HTTP status.
        detail: what is wrong and what helps.
        errors: the fields that are wrong.
        headers: further headers of the answer.
    """

    def __init__(
        self, status: int, detail: str, errors: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.problem = Problem(title=_title(status), status=status, detail=detail, errors=tuple(errors))
        self.headers = dict(headers or {})

    def told(self) -> Problem:
        """The problem with the id of the request that is being answered."""
        return self.problem.model_copy(update={"instance": current().request_id})

    def response(self) -> Response:
        """The answer that says so."""
        content = self.told().model_dump_json()
        return Response(content, self.problem.status, headers=self.headers, media_type=MEDIA_TYPE)


def invalid(faults: Iterable[Fault]) -> ProblemError:
    """A 422 that names every field at fault; texts are not sent back."""
    listed = tuple(faults)
    return ProblemError(422, "; ".join(f"{_way(fault.loc)}: {fault.msg}" for fault in listed), listed)


def fault(place: Sequence[str | int], kind: str, message: str) -> ProblemError:
    """A 422 about one field."""
    return invalid([Fault(loc=tuple(place), msg=message, type=kind)])


def faults_of(error: ValidationError | RequestValidationError, place: Sequence[str | int]) -> list[Fault]:
    """The faults that validation found below ``place``."""
    found = without_consequences(error.errors())
    return [Fault(loc=(*place, *each["loc"]), msg=each["msg"], type=each["type"]) for each in found]


def failed() -> ProblemError:
    """A 500, which never says what happened inside."""
    return ProblemError(500, "something went wrong inside; the log has the reason")


def add_problem_handlers(app: FastAPI) -> None:
    """Answer every error of ``app`` with problem details."""
    app.add_exception_handler(ProblemError, _explain)
    app.add_exception_handler(RequestValidationError, _explain)
    app.add_exception_handler(HTTPException, _explain)
    app.add_exception_handler(ClientDisconnect, _explain)
    app.add_exception_handler(Exception, _explain)


async def _explain(request: Request, error: Exception) -> Response:
    if isinstance(error, RequestValidationError):
        error = invalid(faults_of(error, ()))
    elif isinstance(error, HTTPException):
        error = _explain_route(request, error)
    elif isinstance(error, ClientDisconnect):
        error = ProblemError(HUNG_UP, "the client hung up before its request was read")
    elif not isinstance(error, ProblemError):
        error = failed()
    return error.response()


def _explain_route(request: Request, error: HTTPException) -> ProblemError:
    """What the framework refuses by itself: mostly a path, or a method of one, that does not exist."""
    detail, headers = str(error.detail), dict(error.headers or {})
    if error.status_code == 404:
        detail = "there is nothing at this path; /docs shows what there is"
    elif error.status_code == 405:
        headers["Allow"] = _methods(request, headers.get("Allow", ""))
        detail = f"{request.method} has no meaning at this path; send {headers['Allow']}"
    return ProblemError(error.status_code, detail, headers=headers)


def _methods(request: Request, known: str) -> str:
    """The methods of a path, in the description and as the framework knows them, which are those of one route."""
    path = getattr(request.scope.get("route"), "path", request.scope["path"])
    described = request.app.openapi()["paths"].get(path, {})
    return ", ".join(sorted({*filter(None, known.split(", ")), *(method.upper() for method in described)}))


def _title(status: int) -> str:
    return "Client Closed Request" if status == HUNG_UP else HTTPStatus(status).phrase


def _way(place: Iterable[str | int]) -> str:
    return ".".join(str(step) for step in place) or "body"
