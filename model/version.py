"""A version of a model: what it is, and the training run that it comes from."""

from datetime import datetime
from pathlib import Path
from typing import Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from model.codebook import Schema
from model.errors import InputError
from model.faults import describe
from model.seen import Seen, whole_parts

RUN = "run.json"
METRICS = "metrics.json"
_Kind = TypeVar("_Kind", bound=BaseModel)


class Lineage(Schema):
    """The training run that made a version.

    ``run`` is its folder, ``data`` the SHA-256 of every file that went in by its path, ``documents`` the documents of
    each part, ``metrics`` what it scored on the documents that chose the best epoch.
    """

    run: str
    settings: dict[str, JsonValue]
    data: dict[str, str]
    documents: dict[str, tuple[str, ...]]
    base: str | None
    teacher: str | None
    metrics: dict[str, JsonValue]

    @classmethod
    def read(cls, run: Path) -> Self:
        """Read it from the folder of a finished run.

        Raises:
            InputError: there is none, or its files are damaged.
        """
        record = _parse(run / RUN, _Record)
        scored = _parse(run / METRICS, _Metrics).development
        metrics = {name: value for name, value in scored.items() if isinstance(value, int | float)}
        return cls(
            run=str(run.resolve()),
            settings=record.settings,
            data=record.data,
            documents=whole_parts(record.documents, record.further, record.chosen_by),
            base=record.base,
            teacher=record.teacher,
            metrics=dict(metrics),
        )

    @property
    def seen(self) -> Seen:
        """The documents that were learned from and those that chose."""
        return Seen.of_parts(self.documents)


class Version(Schema):
    """One version: ``digest`` is that of its checkpoint's checksums, ``size`` in bytes, ``parent`` another version."""

    id: str = Field(pattern=r"^v[1-9]\d*$")
    name: str
    version: str
    codebook: str
    precision: str
    digest: str
    size: int
    parent: str | None
    added: datetime
    by: str
    note: str
    lineage: Lineage | None

    @property
    def served_as(self) -> str:
        """The model's version as answers name it: its own, and that in the registry (as in Semantic Versioning)."""
        return f"{self.version}{'.' if '+' in self.version else '+'}{self.id}"


class _Record(BaseModel):
    """What is taken from a run's record, which may hold more."""

    model_config = ConfigDict(extra="ignore")

    settings: dict[str, JsonValue]
    data: dict[str, str]
    documents: dict[str, tuple[str, ...]]
    chosen_by: tuple[str, ...] = ()
    further: tuple[str, ...] = ()
    base: str | None = None
    teacher: str | None = None


class _Metrics(BaseModel):
    model_config = ConfigDict(extra="ignore")

    development: dict[str, JsonValue] = Field(default_factory=dict)


def _parse(file: Path, kind: type[_Kind]) -> _Kind:
    try:
        return kind.model_validate_json(file.read_bytes())
    except OSError:
        raise InputError(str(file.parent), f"no finished training run there ({file.name} cannot be read)") from None
    except ValidationError as error:
        raise InputError(str(file), "; ".join(describe(error))) from None
