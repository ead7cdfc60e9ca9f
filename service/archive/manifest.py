"""The manifest of a finished run: what was scored, with what, and what came of it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Self

from service.archive.counts import Counts
from service.archive.errors import ArchiveError
from service.archive.folder import Folder
from service.archive.plan import ListedInput, Plan, Run, listed_inputs

MANIFEST = "manifest.json"


class Manifest:
    """What stands in the manifest.

    Args:
        content: as JSON.
    """

    def __init__(self, content: dict[str, Any]) -> None:
        self._content = content
        self.run = Run.model_validate(
            {
                "options": content["options"],
                "model": {**content["model"], "frames": content["frames"], "stances": content["stances"]},
                "inputs_digest": content["inputs_digest"],
            }
        )
        counts = dict(content["counts"])
        kinds = counts.pop("rejected")
        self.counts = Counts(**counts, **kinds)

    def inputs(self) -> Iterator[ListedInput]:
        """The inputs, in their order."""
        return map(ListedInput.model_validate, self._content["inputs"])

    @classmethod
    def read(cls, folder: Folder) -> Self | None:
        """The manifest of a folder; None where there is none, so that its run is not finished.

        Raises:
            ArchiveError: it is damaged.
        """
        content = folder.read(MANIFEST)
        if content is None:
            return None
        try:
            return cls(json.loads(content))
        except (ValueError, KeyError, TypeError):
            raise ArchiveError(f"{folder.url}: {MANIFEST} is damaged; give --out another folder") from None


def write_manifest(plan: Plan, counts: Counts, engine: str, folder: Folder) -> None:
    """Write the manifest, one input a line; it says that a run is finished.

    Args:
        plan: what was done.
        counts: of all shards, and of the inputs that could not be read to their end.
        engine: what scored them.
        folder: that of the tables.
    """
    content = json.dumps(_describe(plan, counts, engine), indent=2, ensure_ascii=False)
    with folder.writing(MANIFEST) as stream:
        stream.write(content.removesuffix("\n}").encode() + b',\n  "inputs": [')
        for number, one in enumerate(listed_inputs(folder)):
            line = json.dumps(one.model_dump(), ensure_ascii=False)
            stream.write(f"{',' if number else ''}\n    {line}".encode())
        stream.write(b"\n  ]\n}\n")


def _describe(plan: Plan, counts: Counts, engine: str) -> dict[str, object]:
    """All but the inputs."""
    from service.archive.layout import Layout

    model = plan.model.model_dump(exclude_none=True)
    layout = Layout.of(plan)
    return {
        "frameline": plan.frameline,
        "started": plan.started,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "engine": engine,
        "frames": model.pop("frames"),
        "stances": model.pop("stances"),
        "model": model,
        "options": plan.options.model_dump(),
        "counts": {
            "documents": counts.documents,
            "sentences": counts.sentences,
            "stances": counts.stances,
            "scored": counts.scored,
            "saved": counts.saved,
            "rejected": {"fault": counts.fault, "language": counts.language},
        },
        "tables": {
            name: {field.name: str(field.type) for field in schema}
            for name, schema in (("sentences", layout.sentences), ("stances", layout.stances))
        },
        "inputs_digest": plan.inputs_digest,
    }
