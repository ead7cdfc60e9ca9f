"""Which documents are trained on, which choose, which measure."""

import hashlib
from collections.abc import Container, Iterable
from typing import Literal

Part = Literal["train", "development", "test"]


def part_of(document: str, seed: int, held_out: float, seen: Container[str] = ()) -> Part:
    """The part to which ``document`` belongs, always the same for the same document and seed.

    Args:
        document: the document's id; all of its sentences go to one part.
        seed: another seed draws other documents.
        held_out: share of documents for the development part, and once more for the test part.
        seen: documents that the base or the teacher was trained on, so that they can only be trained on again.
    """
    if document in seen:
        return "train"
    number = int(hashlib.sha256(f"{seed}:{document}".encode()).hexdigest()[:12], 16) / 16**12
    if number < held_out:
        return "development"
    return "test" if number < 2 * held_out else "train"


def split_documents(
    documents: Iterable[str], seed: int, held_out: float, seen: Container[str] = ()
) -> dict[Part, list[str]]:
    """Documents by part, each sorted."""
    parts: dict[Part, list[str]] = {"train": [], "development": [], "test": []}
    for document in sorted(set(documents)):
        parts[part_of(document, seed, held_out, seen)].append(document)
    return parts
