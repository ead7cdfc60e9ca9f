"""The plan of a run: what is scored, with what, and in how many shards."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Self

from pydantic import ValidationError

from model.codebook import Schema
from service.archive.errors import ArchiveError
from service.archive.folder import Folder
from service.archive.identity import ModelIdentity
from service.archive.options import ScoreOptions
from service.archive.shard import Shard

PLAN, INPUTS, SHARDS = "plan.json", "inputs.jsonl", "shards.jsonl"


def digest_inputs(stamps: Mapping[str, str]) -> str:
    """What a run knows its inputs by: the SHA-256 of their URLs and stamps, in their order."""
    found = hashlib.sha256()
    for url, stamp in stamps.items():
        found.update(f"{url}\0{stamp}\0".encode(errors="surrogateescape"))
    return found.hexdigest()


class ListedInput(Schema):
    """An input of a plan, as its survey found it."""

    url: str
    format: str
    compression: str | None
    size: int
    """In bytes, as stored."""
    sha256: str
    records: int
    stamp: str
    """Changes when the file changes."""
    fault: str | None = None
    """Why it could not be read to its end, if so."""


class Run(Schema):
    """What makes a run: two of the same options, model and inputs have the same tables."""

    options: ScoreOptions
    model: ModelIdentity
    inputs_digest: str
    """`digest_inputs` of all inputs."""

    @property
    def language(self) -> str | None:
        """The language whose documents are labelled, None for any."""
        if self.options.any_language:
            return None
        return self.model.language if self.options.language is None else self.options.language


class Plan(Run):
    """What a run does; its inputs and shards stand in files of their own, since there may be many of them."""

    frameline: str
    started: str
    faults: int
    """Inputs that could not be read to their end."""
    records: int
    shards: int
    columns: dict[str, str]
    """The columns that pass through, with their types."""

    @classmethod
    def read(cls, folder: Folder) -> Self | None:
        """The plan that a folder holds; None where there is none.

        Raises:
            ArchiveError: it is damaged.
        """
        content = folder.read(PLAN)
        if content is None:
            return None
        try:
            return cls.model_validate_json(content)
        except ValidationError:
            raise ArchiveError(
                f"{folder.url}: {PLAN} is damaged, or of another version of Frameline; give --out another folder"
            ) from None


def listed_inputs(folder: Folder) -> Iterator[ListedInput]:
    """The inputs of a folder's plan, in their order."""
    return map(ListedInput.model_validate_json, folder.lines(INPUTS))


def planned_shards(folder: Folder) -> Iterator[Shard]:
    """The shards of a folder's plan, in their order."""
    return map(Shard.model_validate_json, folder.lines(SHARDS))
