"""What goes over the wire: requests and answers of the REST endpoint."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from model.codebook import Schema
from model.prediction import Document, TextDocument
from model.text import FILLED, UnicodeText

JSON = "application/json"
#: One JSON object a line.
LINES = "application/x-ndjson"
_DOCUMENTS: list[JsonValue] = [
    {
        "id": "harbour-talks",
        "text": "NATO failed to answer the shelling of the harbour, Vice-Admiral Oduya said. "
        "Eleven families are still under the rubble.",
    },
    {"id": "stance-only", "text": "Ankara blamed NATO and thanked the Red Cross.", "actors": ["NATO", "Red Cross"]},
]
_REQUESTS: list[JsonValue] = [{"documents": _DOCUMENTS, "split": True}, {"text": "Ankara blamed NATO."}]

#: The two forms of a request, as a schema.
_FORMS: list[JsonValue] = [
    {"required": ["documents"], "properties": {"documents": {"type": "array"}}},
    {"required": ["text"], "properties": {"text": {"type": "string"}}},
]


#: White space as Python has it, for patterns: to JSON Schema (ECMA 262) it is a few characters less.
SPACES = r"\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
#: A name that is not white space alone, for whoever reads the description.
_NO_BLANK = Field(json_schema_extra={"minLength": 1, "pattern": f"[^{SPACES}]"})


class RequestDocument(Schema):
    """A text to be labelled; without ``id`` its position in the request (from 0) stands for it."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": _DOCUMENTS})

    id: Annotated[UnicodeText, FILLED, _NO_BLANK] | None = None
    text: UnicodeText
    actors: tuple[Annotated[UnicodeText, _NO_BLANK], ...] | None = Field(
        default=None, description="Judge exactly these mentions."
    )


class ClassifyRequest(Schema):
    """Either ``documents``, or the short form with one ``text``."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": _REQUESTS, "oneOf": _FORMS})

    documents: tuple[RequestDocument, ...] | None = None
    text: UnicodeText | None = None
    split: bool = Field(default=True, strict=True, description="False takes each text as one sentence.")

    @model_validator(mode="after")
    def _check_form(self) -> Self:
        if (self.documents is None) == (self.text is None):
            raise PydanticCustomError("form", "give either documents or text, not both and not neither")
        return self

    def texts(self) -> list[RequestDocument]:
        """The documents, whichever form was used."""
        return [RequestDocument(text=self.text)] if self.text is not None else list(self.documents or ())


class ModelInfo(Schema):
    """Which model answered; ``codebook`` is its name, version and the head of its SHA-256."""

    name: str
    version: str
    codebook: str


class ClassifyResponse(Schema):
    """The labelled documents, in the order of the request."""

    model: ModelInfo
    documents: tuple[Document, ...]


class AnnotationsHealth(Schema):
    """Whether annotations can be kept."""

    status: Literal["opening", "ready", "unavailable"]
    versions: int = Field(
        description="Versions of annotations: those that there were at the start and those that came here since."
    )


class Health(Schema):
    """State of the service; ``annotations`` is null where none are kept."""

    status: str
    model: ModelInfo | None = None
    notice: str | None = Field(default=None, description="Why it is not the model that the registry has in service.")
    annotations: AnnotationsHealth | None = None


def number_documents(documents: list[RequestDocument]) -> list[TextDocument]:
    """Give documents without an id their position, and check the rest of what a text must be.

    Raises:
        pydantic.ValidationError: a mention does not occur in its text.
    """
    return [
        TextDocument(id=str(number) if document.id is None else document.id, text=document.text, actors=document.actors)
        for number, document in enumerate(documents)
    ]
