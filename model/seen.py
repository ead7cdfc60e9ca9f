"""Which documents a model has seen, as its checkpoint says itself: by digests, so that no ids are passed on with it."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import StringConstraints, ValidationError

from model import atomic
from model.codebook import Schema
from model.errors import InputError
from model.faults import describe

SEEN = "seen.json"
#: Hexadecimal digits of a digest: that two of a million documents share one has a probability of 3 in 100 million.
_DIGITS = 16
_Part = TypeVar("_Part", bound=str)
_Digest = Annotated[str, StringConstraints(pattern=rf"^[0-9a-f]{{{_DIGITS}}}$")]


class Seen(Schema):
    """The documents that a model has seen, and everything that it was made from or taught by.

    Documents are held as the beginnings of the SHA-256 of their ids. ``train`` are those that were learned from,
    ``development`` those that chose. ``unknown`` are the names of models among its ancestors of which nothing is known,
    so that there may be further documents; without any, the record is complete.
    """

    train: frozenset[_Digest] = frozenset()
    development: frozenset[_Digest] = frozenset()
    unknown: frozenset[str] = frozenset()

    @classmethod
    def of(cls, train: Iterable[str], development: Iterable[str] = ()) -> Self:
        """A record of documents by their ids."""
        return cls(train=frozenset(map(_digest, train)), development=frozenset(map(_digest, development)))

    @classmethod
    def of_parts(cls, parts: Mapping[str, Iterable[str]]) -> Self:
        """A record of the documents of a run by part, as `whole_parts` gives them."""
        return cls.of(parts.get("train", ()), parts.get("development", ()))

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Read it from the folder of a checkpoint or a run, or None where there is none.

        Raises:
            InputError: it is damaged.
        """
        file = folder / SEEN
        try:
            return cls.model_validate_json(file.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            fault = describe(error)[0] if isinstance(error, ValidationError) else error
            raise InputError(str(file), f"damaged ({fault}); bring it back, or export the checkpoint again") from None

    def write(self, folder: Path) -> None:
        """Write it into the folder of a checkpoint or a run, the same bytes for the same documents."""
        content = {name: sorted(found) for name, found in self}
        atomic.write(folder / SEEN, f"{json.dumps(content, separators=(',', ':'))}\n".encode())

    def part(self, document: str) -> Literal["train", "development"] | None:
        """For what the document of that id was used; what was learned from may have chosen, too."""
        digest = _digest(document)
        if digest in self.train:
            return "train"
        return "development" if digest in self.development else None

    def __contains__(self, document: object) -> bool:
        """Whether the document of that id was learned from, so that it can only be learned from again."""
        return isinstance(document, str) and _digest(document) in self.train

    def __or__(self, other: "Seen") -> "Seen":
        """What either model has seen."""
        return Seen(
            train=self.train | other.train,
            development=self.development | other.development,
            unknown=self.unknown | other.unknown,
        )


def whole_parts(
    documents: Mapping[_Part, tuple[str, ...]], further: tuple[str, ...], chosen_by: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """All documents of each part of a run, of which its record lists some apart.

    Args:
        documents: those of its annotations, by part.
        further: others that were learned from.
        chosen_by: others that chose.
    """
    parts: dict[str, tuple[str, ...]] = dict(documents.items())
    learned = (*parts.get("train", ()), *further)
    chosen = (*parts.get("development", ()), *chosen_by)
    return {**parts, "train": learned, "development": chosen}


def _digest(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()[:_DIGITS]
