"""What somebody asks for: JSON that is checked, with every fault named."""

import json
import re
from codecs import BOM_UTF8
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from model.prediction import TextDocument
from service.problems import Fault, ProblemError, fault, faults_of, invalid
from service.repeated_key import find_repeated_key
from service.settings import ServiceSettings
from service.wire import ClassifyRequest, RequestDocument, number_documents

Place = tuple[str | int, ...]
#: Where a body's own faults are.
BODY: Place = ("body",)
_MOST_FAULTS = 1_000
#: Mentions to judge in one text; each is looked for in all of it.
_MOST_ACTORS = 1_000
#: Half of a surrogate pair, or a whole one, as JSON escapes it.
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_Asked = TypeVar("_Asked", bound=BaseModel)


def parse(kind: type[_Asked], body: bytes) -> _Asked:
    """A request of a kind from its body.

    Raises:
        ProblemError: 415 for UTF-16 or UTF-32; 422 that names every field at fault, unless they are thousands, or the
            first that stands twice.
    """
    encoding = json.detect_encoding(body)  # which looks at the beginning alone
    if not encoding.startswith("utf-8"):
        raise ProblemError(415, f"this is {encoding.upper()}, which is not read here; send UTF-8")
    body = body.removeprefix(BOM_UTF8)
    try:
        asked = _validate(kind, body)
    except ValidationError as error:
        if error.error_count() > _MOST_FAULTS:  # to name them would take a hundred times the body's memory
            message = f"{error.error_count()} faults are too many to name; look at the form"
            raise fault(BODY, "too_many_faults", message) from None
        raise invalid(faults_of(error, BODY)) from None
    try:
        repeated = find_repeated_key(body)  # of two values the last was taken
    except RecursionError:
        raise fault(BODY, "too_deep", "lists and objects stand too deeply in one another") from None
    if repeated is not None:
        raise fault((*BODY, *repeated), "repeated_key", "this key stands twice; give it once")
    return asked


def _validate(kind: type[_Asked], body: bytes) -> _Asked:
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        if error.error_count() > 1 or error.errors()[0]["type"] != "json_invalid":
            raise
        try:
            from_json(_SURROGATE.sub(rb"\\ufffd", body))  # nothing else is wrong, as lists that stand too deeply
            content = json.loads(body)  # reads a lone surrogate, so that its field can be named
        except (ValueError, RecursionError):
            raise error from None
    return kind.model_validate(content)


def check(asked: ClassifyRequest, settings: ServiceSettings) -> list[TextDocument]:
    """The request's documents.

    Raises:
        ProblemError: 422 that names the field at fault.
    """
    documents = asked.texts()
    place = BODY if asked.documents is None else (*BODY, "documents")
    check_size(documents, settings, place, (*place, "text") if asked.documents is None else place)
    try:
        texts = number_documents(documents)
    except ValidationError:
        raise _mention_faults(documents, place) from None
    if repeated := _repeated_ids(documents, texts, place):
        raise invalid(repeated)
    return texts


def check_size(documents: list[RequestDocument], settings: ServiceSettings, place: Place, text: Place) -> None:
    """Check that the documents, which stand at ``place``, are few and small enough, with few mentions to judge.

    Raises:
        ProblemError: 422 that names ``place``, the mentions, or ``text`` if it is their characters that are too many.
    """
    if len(documents) > settings.max_documents:
        raise fault(place, "too_many", f"{len(documents)} documents; send at most {settings.max_documents} a request")
    for number, document in enumerate(documents):
        if len(document.actors or ()) > _MOST_ACTORS:
            where = (*place, "actors") if place == BODY else (*place, number, "actors")
            raise fault(
                where, "too_many", f"{len(document.actors or ())} mentions; ask for at most {_MOST_ACTORS} a text"
            )
    characters = sum(len(part) for document in documents for part in (document.text, *(document.actors or ())))
    if characters > settings.max_characters:
        message = f"{characters} characters; send at most {settings.max_characters} a request, or split the text"
        raise fault(text, "too_long", message)


def _repeated_ids(documents: list[RequestDocument], texts: list[TextDocument], place: Place) -> list[Fault]:
    """The documents, which stand at ``place``, that have the id of one before them, or its position for want of one."""
    seen: dict[str, int] = {}
    faults = []
    for number, text in enumerate(texts):
        first = seen.setdefault(text.id, number)
        if first != number:
            beginning = "" if documents[number].id is not None else "without an id it is called "
            between = ", which is" if beginning else " is"
            message = f"{beginning}{text.id!r}{between} the id of document {first} already; ids are unique"
            faults.append(Fault(loc=(*place, number, "id"), msg=message, type="duplicate_id"))
    return faults


def _mention_faults(documents: list[RequestDocument], place: Place) -> ProblemError:
    """The faults in the mentions of the first document that has some, with the way to each."""
    for number, document in enumerate(documents):
        try:
            number_documents([document])
        except ValidationError as error:
            return invalid(faults_of(error, (*place, number)))
    raise ValueError("no document is at fault")
