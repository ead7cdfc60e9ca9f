"""A key that lets somebody use the service."""

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, AwareDatetime, Field
from pydantic_core import PydanticCustomError

from model.codebook import Schema

#: What every key begins with, so that one which got into a log or a repository is recognised.
PREFIX = "fl_"


class Caller(NamedTuple):
    """Whose key a request came with."""

    id: str
    name: str


def _check_printable(name: str) -> str:
    if not name.isprintable():
        raise PydanticCustomError("name", "a name has only printable characters")
    return name


class ApiKey(Schema):
    """What is kept of a key: everything but the key."""

    id: str = Field(pattern=r"^[0-9a-f]{8}$")
    name: Annotated[str, Field(max_length=100), AfterValidator(_check_printable)] = ""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", repr=False)
    created: AwareDatetime
    revoked: AwareDatetime | None = None

    @property
    def caller(self) -> Caller:
        """Who has the key."""
        return Caller(self.id, self.name)


def digest(key: bytes) -> str:
    """The SHA-256 of a key, in hexadecimal.

    A fast hash is right here. Slow, salted ones protect passwords, which people choose and which can therefore be
    guessed one after the other; a key has 256 random bits, and nobody can try even a vanishing part of those, however
    fast the hash. It is computed at every request, where a slow one would cost more than the labels.
    """
    return hashlib.sha256(key).hexdigest()


def make_key(name: str = "") -> tuple[ApiKey, str]:
    """A new key: what is kept of it, and the key itself, which is kept nowhere.

    Raises:
        pydantic.ValidationError: the name cannot be one.
    """
    key = PREFIX + secrets.token_urlsafe(32)
    created = datetime.now(UTC).replace(microsecond=0)
    return ApiKey(id=secrets.token_hex(4), name=name, sha256=digest(key.encode()), created=created), key
