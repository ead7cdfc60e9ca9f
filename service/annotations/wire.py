"""What goes over the wire: annotations as they are sent and as they are kept."""

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field, JsonValue, StringConstraints
from pydantic_core import PydanticCustomError

from model.annotation import ActorSpan, Annotation
from model.codebook import Schema
from model.text import FILLED, check_unicode
from model.unnamed import sentence_name
from service.wire import SPACES, ModelInfo

#: PostgreSQL keeps no NUL character.
NO_NUL = r"^[^\x00]*$"
#: The same with something else than white space.
_NO_NUL_NOR_BLANK = rf"^[^\x00]*[^\x00{SPACES}][^\x00]*$"
_ID = r"^[^\x00/.][^\x00/]*$"
_SENT_ID = rf"^(?:[^\x00/.{SPACES}][^\x00/]*|[{SPACES}][^\x00/]*[^\x00/{SPACES}][^\x00/]*)$"


def _check_storable(text: str) -> str:
    if "\0" in text:
        raise PydanticCustomError("nul", "holds a NUL character, which cannot be kept; strike it")
    return check_unicode(text)


def _check_id(text: str) -> str:
    if "/" in text or text.startswith("."):
        raise PydanticCustomError("sentence_id", "stands in paths, so it holds no slash and begins with no dot")
    return text


#: What a database can keep; the pattern stands in the description alone, since nobody reads it in an error.
_STORABLE, _NO_NUL = AfterValidator(_check_storable), Field(json_schema_extra={"pattern": NO_NUL})
Name = Annotated[str, StringConstraints(min_length=1, max_length=200), _STORABLE, _NO_NUL]
_Filled = Annotated[Name, FILLED, Field(json_schema_extra={"pattern": _NO_NUL_NOR_BLANK})]
_Label = Annotated[str, StringConstraints(min_length=1, max_length=1_000), _STORABLE, _NO_NUL]
SentenceId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    _STORABLE,
    AfterValidator(_check_id),
    Field(json_schema_extra={"pattern": _ID}),
]
_Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=20_000),
    _STORABLE,
    FILLED,
    Field(json_schema_extra={"pattern": _NO_NUL_NOR_BLANK}),
]
_MOST = 200
_EXAMPLE: JsonValue = {
    "document": "harbour-talks",
    "text": "The minister blamed NATO.",
    "frames": [],
    "actors": [],
    "origin": "correction",
    "model": {"name": "frameline-minilm", "version": "0.11.0", "codebook": "conflict-framing-1.0"},
}


def _read_whole(value: object) -> object:
    """JSON has one kind of number, so 3.0 is whole."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


_Start = Annotated[int, Field(ge=0, le=20_000, strict=True), BeforeValidator(_read_whole)]
_End = Annotated[int, Field(ge=1, le=20_000, strict=True), BeforeValidator(_read_whole)]


class SentActor(ActorSpan):
    """A mention of an actor, its stance and, where it is one of the codebook's, which actor it is."""

    start: _Start
    end: _End
    stance: Name
    actor: Name | None = None


class SentModel(ModelInfo):
    """Which model answered, as somebody says."""

    name: _Label
    version: _Label
    codebook: _Label


class SentAnnotation(Schema):
    """The labels that somebody gives a sentence; who it is, the service knows.

    ``id`` names the sentence; one that is not given follows from document and text. ``model`` is the model whose
    labels were corrected, as its answer names it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_EXAMPLE]})

    id: Annotated[SentenceId, FILLED, Field(json_schema_extra={"pattern": _SENT_ID})] | None = Field(
        default=None, description="Names the sentence; default: from document and text."
    )
    document: _Filled
    text: _Text
    frames: tuple[Name, ...] = Field(max_length=_MOST)
    actors: tuple[SentActor, ...] = Field(max_length=_MOST)
    origin: _Filled = Field(default="service", description="Where the sentence and its labels come from.")
    model: SentModel | None = Field(default=None, description="The model whose labels were corrected.")

    @property
    def sentence(self) -> str:
        """What names the sentence, the same for the same text of the same document."""
        if self.id is not None:
            return self.id
        return sentence_name(self.document, self.text)

    def annotation(self, annotator: str) -> Annotation:
        """The same in the form that is trained on."""
        content = self.model_dump(exclude={"model"})
        return Annotation.model_validate({**content, "id": self.sentence, "annotator": annotator})


class AnnotationsRequest(Schema):
    """One annotation or many, which are kept all together or not at all."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"annotations": [_EXAMPLE]}]}
    )

    annotations: tuple[SentAnnotation, ...] = Field(min_length=1)


class Version(Schema):
    """One version of a sentence's annotation by one annotator, as it is kept."""

    version: int = Field(description="Its number, counted over the whole store.")
    replaces: int | None = Field(description="The version that it replaces; null for an annotator's first.")
    id: str = Field(description="Names the sentence.")
    document: str
    text: str
    frames: tuple[str, ...]
    actors: tuple[ActorSpan, ...]
    annotator: str
    origin: str
    time: AwareDatetime = Field(description="When it was kept, in UTC.")
    model: ModelInfo | None = Field(description="The model whose labels were corrected.")
    codebook: str = Field(description="The codebook against which it was checked.")
    withdrawn: bool = Field(description="Whether it takes the annotation back.")

    def annotation(self) -> Annotation:
        """The same in the form that is trained on."""
        return Annotation.model_validate(self.model_dump(include=set(Annotation.model_fields)))


class AnnotationsResponse(Schema):
    """Versions in the order in which they were kept; ``next`` is the cursor of the following page."""

    annotator: str = Field(description="The name under which the one who asks annotates.")
    annotations: tuple[Version, ...]
    next: str | None = None
