"""Counts of what was done to an archive, or to a part of it."""

from dataclasses import asdict, dataclass, fields
from typing import Self


@dataclass(frozen=True)
class Counts:
    """Counts; ``scored`` sentences went through the model, ``saved`` ones repeat one that did.

    ``documents`` are those that were labelled, ``fault`` and ``language`` those that were set aside, by kind.
    """

    documents: int = 0
    sentences: int = 0
    stances: int = 0
    scored: int = 0
    saved: int = 0
    fault: int = 0
    language: int = 0

    @property
    def rejected(self) -> int:
        """Records that were set aside."""
        return self.fault + self.language

    @property
    def records(self) -> int:
        """Records that were dealt with."""
        return self.documents + self.rejected

    def plus(self, other: "Counts") -> "Counts":
        """The sum of two."""
        return Counts(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))

    def as_dict(self) -> dict[str, int]:
        """As it stands in a file."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: dict[str, int]) -> Self:
        """Back from `as_dict`."""
        return cls(**content)
