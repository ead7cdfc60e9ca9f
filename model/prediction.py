"""What goes in and what comes out of a labeller; the same in the Python API, the command and the service."""

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError, ValidationInfo
from pydantic_core import PydanticCustomError

from model.codebook import Schema
from model.errors import InputError
from model.faults import describe
from model.text import FILLED, UnicodeText


def _check_mention(mention: str, info: ValidationInfo) -> str:
    """Check that a mention stands in the text, where that is a sound one."""
    if not mention.strip():
        raise PydanticCustomError("blank_mention", "blank; leave it out")
    if mention not in info.data.get("text", mention):
        raise PydanticCustomError(
            "unknown_mention",
            "{mention} does not occur in the text; give a mention exactly as it stands there",
            {"mention": ascii(mention)},
        )
    return mention


_Mention = Annotated[UnicodeText, AfterValidator(_check_mention)]


class TextDocument(Schema):
    """A text to be labelled.

    Where ``actors`` is given, exactly those mentions are judged, in every sentence in which they occur;
    otherwise the actors are found.
    """

    id: Annotated[UnicodeText, FILLED] = Field(default="0", description="Identifies the document in the answer.")
    text: UnicodeText = Field(description="The text; offsets in the answer count its Unicode code points.")
    actors: tuple[_Mention, ...] | None = Field(default=None, description="Mentions to judge, as in the text.")


class FrameScore(Schema):
    """The probability of one frame, and whether the sentence has it, by its threshold or as the likeliest of all."""

    frame: str
    probability: float = Field(ge=0, le=1)
    present: bool

    @property
    def confidence(self) -> float:
        """The probability of what was decided: that the frame is there, or that it is not."""
        return self.probability if self.present else 1 - self.probability


class ActorStance(Schema):
    """One actor named in a sentence; offsets count code points of the document, ``end`` exclusive."""

    mention: str
    start: int
    end: int
    actor: str | None = Field(description="The actor's id in the codebook, null where it is not listed.")
    stance: str
    probabilities: dict[str, float] = Field(description="One probability a stance; they add up to 1.")

    @property
    def confidence(self) -> float:
        """The probability of the stance given."""
        return self.probabilities[self.stance]


class Sentence(Schema):
    """One sentence with its labels; ``document.text[start:end] == text``."""

    start: int
    end: int
    text: str
    frames: tuple[FrameScore, ...]
    actors: tuple[ActorStance, ...]


class Document(Schema):
    """A labelled document."""

    id: str
    sentences: tuple[Sentence, ...]


def make_document(content: object) -> TextDocument:
    """Check what somebody wants labelled.

    Raises:
        InputError: naming every field that is wrong.
    """
    try:
        return TextDocument.model_validate(content)
    except ValidationError as error:
        raise InputError("", "; ".join(describe(error))) from None
