"""A file of a registry that holds one thing."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from model.errors import RegistryError
from model.faults import describe

Kind = TypeVar("Kind", bound=BaseModel)


def parse(file: Path, kind: type[Kind]) -> Kind:
    """What a file holds.

    Raises:
        RegistryError: it is damaged.
    """
    try:
        return kind.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise RegistryError(f"{file}: damaged: {'; '.join(describe(error))}") from None
