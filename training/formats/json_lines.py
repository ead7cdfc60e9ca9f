"""Frameline's own JSON Lines, one annotation a line."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from model.annotation import Annotation
from model.codebook import Codebook
from training.formats.intake import Intake
from training.formats.lines import first_object, read_objects, write_objects


class JsonLines:
    """Frameline's own format; offsets count code points."""

    name = "jsonl"
    summary = "Frameline's JSON Lines, one annotated sentence a line"
    folder = False

    def recognises(self, path: Path, head: str) -> bool:
        """Whether the first line is an object with the fields of an annotation."""
        first = first_object(head)
        return first is not None and {"text", "frames", "actors"} <= set(first) and "options" not in first

    def files(self, folder: Path) -> list[Path]:
        """Every ``*.jsonl`` below."""
        return sorted(folder.rglob("*.jsonl"))

    def read(self, paths: Sequence[Path], intake: Intake) -> None:
        """Read annotations, checking each field."""
        for path in paths:
            for at, record in read_objects(path, intake):
                intake.add(path, at, record)

    def write(self, annotations: Sequence[Annotation], target: Path, codebook: Codebook) -> None:
        """Write one annotation a line."""
        write_objects(target, map(as_fields, annotations))


def as_fields(annotation: Annotation) -> dict[str, Any]:
    """An annotation as the file has it, without what is empty."""
    fields = annotation.model_dump(mode="json", exclude_defaults=True)
    return {name: fields[name] for name in ("id", "document", "text", "frames", "actors", *fields) if name in fields}
