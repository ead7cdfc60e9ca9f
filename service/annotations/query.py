"""Which annotations somebody wants to see."""

import re
from datetime import UTC, datetime
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from model.codebook import Schema
from model.text import check_unicode
from service.annotations.wire import NO_NUL, Name

_LARGEST = 2**63 - 1
MOST = 1_000
_Part = Annotated[str, StringConstraints(min_length=1, max_length=1_000, pattern=NO_NUL), AfterValidator(check_unicode)]

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*", re.IGNORECASE)


def _check_form(value: object) -> object:
    """Take no number of seconds for a time."""
    if isinstance(value, str) and not _TIME.fullmatch(value):
        raise PydanticCustomError("time", "a time has a zone, as 2026-11-28T12:00:00Z")
    return value


def _to_utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("time", "in UTC this time is out of range") from None


_Time = Annotated[AwareDatetime, BeforeValidator(_check_form), AfterValidator(_to_utc)]


class Cursor(NamedTuple):
    """Where a listing goes on: behind ``last``, in the store as it was when ``until`` was its newest version."""

    until: int
    last: int

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Read what `str` made of a cursor."""
        until, last = text.split("-")
        return cls(min(int(until), _LARGEST), min(int(last), _LARGEST))

    def __str__(self) -> str:
        return f"{self.until}-{self.last}"


class Query(Schema):
    """The filters of a listing, which all have to hold."""

    annotator: Name | None = Field(default=None, description="By this annotator.")
    document: Name | None = Field(default=None, description="Of this document.")
    frame: Name | None = Field(default=None, description="With this frame.")
    stance: Name | None = Field(default=None, description="With this stance toward an actor.")
    actor: Name | None = Field(
        default=None, description="With this actor, by its id in the codebook; with a stance: this stance toward it."
    )
    since: _Time | None = Field(default=None, description="Kept at that time or later.")
    until: _Time | None = Field(default=None, description="Kept before that time.")
    text: _Part | None = Field(default=None, description="With these characters in the sentence, in whatever case.")
    latest: bool = Field(
        default=True,
        description="Only what holds now: each annotator's latest version of a sentence, none that was withdrawn. "
        "False lists all versions.",
    )
    limit: int = Field(default=100, ge=1, le=MOST, description="Versions a page; lines come without pages.")
    cursor: str | None = Field(
        default=None, pattern=r"^[0-9]{1,19}-[0-9]{1,19}$", description="Where to go on: `next` of the page before."
    )
