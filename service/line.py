"""One line of a stream: a document, and what is answered where it is faulty."""

import json
from contextlib import suppress

from pydantic import Field, ValidationError

from model.prediction import TextDocument
from service.problems import Problem, faults_of, invalid
from service.request import BODY, check_size, parse
from service.settings import ServiceSettings
from service.wire import RequestDocument


class LineProblem(Problem):
    """Why a line was not answered with a labelled document."""

    line: int = Field(description="The number of the line, from 1, blank ones counted.")
    id: str | None = Field(default=None, description="The document's id, where it could be read.")


def read_document(line: bytes, position: int, settings: ServiceSettings) -> TextDocument:
    """The document of a line; without an id its position in the stream stands for it.

    Raises:
        ProblemError: 422 that names every field at fault.
    """
    document = parse(RequestDocument, line)
    check_size([document], settings, BODY, (*BODY, "text"))
    identity = str(position) if document.id is None else document.id
    try:
        return TextDocument(id=identity, text=document.text, actors=document.actors)
    except ValidationError as error:
        raise invalid(faults_of(error, BODY)) from None


def write_problem(problem: Problem, number: int, line: bytes = b"") -> bytes:
    """The line that says what is wrong with the line of that number."""
    written = LineProblem(**dict(problem), line=number, id=_identity(line))
    return written.model_dump_json(exclude_none=True).encode() + b"\n"


def _identity(line: bytes) -> str | None:
    """The id that a faulty line gives, if it can be read and written."""
    with suppress(ValueError, RecursionError):
        content = json.loads(line)
        if isinstance(content, dict) and isinstance(identity := content.get("id"), str):
            identity.encode()
            return identity
    return None
