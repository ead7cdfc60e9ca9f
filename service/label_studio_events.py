"""The annotations that Label Studio's webhook has told of, kept in a file of events."""

import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from model.errors import FramelineError

EVENTS = "events.jsonl"
#: The event that notes that a training run has begun; everything after it has changed since.
TRAINED = "FRAMELINE_TRAINED"
_WRITTEN = ("ANNOTATION_CREATED", "ANNOTATIONS_CREATED", "ANNOTATION_UPDATED")
_KEPT = ("annotation", "annotations", "task", "tasks")


class LabelStudioEvents:
    """Every event that concerns annotations, in the order in which they came, and what they add up to.

    The file is only ever appended to, and read again when the service starts.

    Args:
        folder: where the file is.

    Raises:
        FramelineError: the file is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / EVENTS
        self._tasks: dict[int, dict[str, Any]] = {}
        self._annotations: dict[int, dict[str, Any]] = {}
        self._changed: set[int] = set()
        if self._file.exists():
            self._replay()

    @property
    def annotations(self) -> int:
        """How many annotations there are."""
        return len(self._annotations)

    @property
    def changed(self) -> int:
        """How many annotations were made, changed or deleted since a training run began."""
        return len(self._changed)

    def add(self, event: Mapping[str, Any]) -> bool:
        """Keep an event, if it concerns annotations; whether it does.

        Raises:
            OSError: it cannot be written; then nothing of it is kept.
        """
        if event["action"] not in (*_WRITTEN, "ANNOTATIONS_DELETED", "TASKS_DELETED", TRAINED):
            return False
        kept = {"action": event["action"], **{name: event[name] for name in _KEPT if event.get(name) is not None}}
        self._write(json.dumps(kept).encode() + b"\n")
        self._apply(kept)
        return True

    def tasks(self) -> list[dict[str, Any]]:
        """The tasks with their annotations, as Label Studio exports them."""
        found: dict[int, dict[str, Any]] = {}
        for annotation in self._annotations.values():
            task = self._tasks[annotation["task"]]
            found.setdefault(task["id"], {**task, "annotations": []})["annotations"].append(annotation)
        return list(found.values())

    def _write(self, line: bytes) -> None:
        """Append a line and wait until the disk has it; half a line would damage the one behind it, too."""
        with open(self._file, "ab", buffering=0, opener=_open_private) as stream:
            size = stream.seek(0, os.SEEK_END)
            try:
                if stream.write(line) != len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(stream.fileno())
            except OSError:
                stream.truncate(size)
                raise

    def _replay(self) -> None:
        with self._file.open(encoding="utf-8") as stream:
            for number, line in enumerate(stream, start=1):
                try:
                    self._apply(json.loads(line))
                except (ValueError, KeyError, TypeError) as error:
                    raise FramelineError(
                        f"{self._file}:{number}: damaged ({error!r}); delete the line, or move the file away"
                    ) from None

    def _apply(self, event: Mapping[str, Any]) -> None:
        action = event["action"]
        if action == TRAINED:
            self._changed.clear()
        elif action in _WRITTEN:
            for task in _listed(event["task"]):
                self._tasks[task["id"]] = task
            for annotation in _listed(event["annotation"]):
                self._annotations[annotation["id"]] = annotation
                self._changed.add(annotation["id"])
        elif action == "ANNOTATIONS_DELETED":
            self._delete({annotation["id"] for annotation in event["annotations"]})
        else:
            gone = {task["id"] for task in event["tasks"]}
            self._delete({each["id"] for each in self._annotations.values() if each["task"] in gone})

    def _delete(self, ids: set[int]) -> None:
        for annotation in ids & self._annotations.keys():
            del self._annotations[annotation]
            self._changed.add(annotation)


def _open_private(path: str, flags: int) -> int:
    """Open a file that only its owner reads, wherever its folder is: it holds texts."""
    return os.open(path, flags, 0o600)


def _listed(value: Any) -> list[dict[str, Any]]:
    return value if isinstance(value, list) else [value]
