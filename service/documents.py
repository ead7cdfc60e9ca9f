"""Reading documents from text and JSON Lines files."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from model.errors import InputError
from model.faults import describe
from model.json_text import read_json
from model.prediction import TextDocument, make_document

STANDARD_INPUT = "standard input"


def read_text(stream: BinaryIO, name: str) -> Iterator[TextDocument]:
    """Yield the one document of a text file in UTF-8; its id is the file's name, "-" for standard input.

    Raises:
        InputError: the file is not UTF-8, line and byte are named; or its name is not.
    """
    identity = "-" if name == STANDARD_INPUT else Path(name).name
    shown = identity.encode(errors="replace").decode()
    if shown != identity:
        raise InputError(shown, "its name is not UTF-8; rename it")
    if not identity.strip():
        raise InputError(repr(identity), "its name is blank; rename it")
    content = stream.read()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"{name}:{line}", f"not UTF-8 at byte {error.start}; convert the file to UTF-8") from None
    yield make_document({"id": identity, "text": text})


def read_jsonl(stream: BinaryIO, name: str, lines: dict[str, int] | None = None) -> Iterator[TextDocument]:
    """Yield the documents of a JSON Lines file, ``{"id", "text", "actors"?}`` a line; blank lines are skipped.

    Args:
        stream: the file.
        name: what errors call it.
        lines: is told the line of each document's id, from 1, before the document is yielded.

    Raises:
        InputError: at the first line that is faulty, naming file, line and field; those before it are whole.
    """
    lines = {} if lines is None else lines
    for number, line in enumerate(stream, start=1):
        if not line.strip():
            continue
        place = f"{name}:{number}"
        document = _parse(line, place)
        if document.id in lines:
            raise InputError(place, f"id: {document.id!r} stands in line {lines[document.id]} already; ids are unique")
        lines[document.id] = number
        yield document


def _parse(line: bytes, place: str) -> TextDocument:
    try:
        content = read_json(line)
    except ValueError as error:
        raise InputError(place, str(error)) from None
    if isinstance(content, dict) and "id" not in content:
        raise InputError(place, 'id: missing; each line is {"id": …, "text": …, "actors": […]?}')
    try:
        return TextDocument.model_validate(content)
    except ValidationError as error:
        raise InputError(place, "; ".join(describe(error)) + _remedy(error)) from None


def _remedy(error: ValidationError) -> str:
    """What helps against fields that a line may not have, if it has some."""
    extra = [str(fault["loc"][0]) for fault in error.errors(include_url=False) if fault["type"] == "extra_forbidden"]
    if not extra:
        return ""
    return (
        f"; a line has id, text and actors alone: remove {', '.join(extra)}, "
        "or label it with `frameline score`, which keeps such fields as columns"
    )
