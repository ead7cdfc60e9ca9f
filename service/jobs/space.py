"""The folder of all jobs: what comes in, what is being done, and what came of it."""

import os
import shutil
import time
from pathlib import Path

from service.archive.manifest import MANIFEST

#: Below the folder of a job: where its process works and finds what was sent, and the tables.
INPUT, OUT = "input", "out"
_ATTEMPTS, _PAUSE = 20, 0.05


class Space:
    """A folder with a folder for each job, and one for each upload that is still coming in.

    Args:
        root: the folder. What is made in it is for its owner alone, whoever may look into the folder itself.
    """

    def __init__(self, root: Path) -> None:
        self._jobs, self._incoming = root / "jobs", root / "incoming"
        for folder in (self._jobs, self._incoming):
            folder.mkdir(mode=0o700, exist_ok=True)

    def receive(self, identity: str) -> Path:
        """Make the folder in which the upload of a job is received."""
        folder = self._incoming / identity / INPUT
        folder.mkdir(parents=True)
        return folder

    def keep(self, identity: str) -> None:
        """Take over what was received, in one step."""
        (self._incoming / identity).rename(self.folder(identity))

    def folder(self, identity: str) -> Path:
        """The folder of a job."""
        return self._jobs / identity

    def out(self, identity: str) -> Path:
        """The tables of a job."""
        return self._jobs / identity / OUT

    def clear(self, identity: str) -> None:
        """Remove all of a job."""
        for folder in (self._incoming / identity, self._jobs / identity):
            _remove(folder)

    def has_tables(self, identity: str) -> bool:
        """Whether the tables of a job are complete."""
        return (self.out(identity) / MANIFEST).is_file()

    def clear_work(self, identity: str) -> None:
        """Remove all of a job that has ended but its tables, or those too where they are not complete."""
        _remove(self._jobs / identity / INPUT if self.has_tables(identity) else self._jobs / identity)

    def clear_out(self, identity: str) -> None:
        """Remove the tables, and what the process noted for them."""
        _remove(self.out(identity))

    def clear_incoming(self) -> None:
        """Remove uploads that were never received in full."""
        for folder in self._incoming.iterdir():
            _remove(folder)

    def identities(self) -> set[str]:
        """The ids of the jobs that have a folder."""
        return {folder.name for folder in self._jobs.iterdir()}

    def size(self) -> int:
        """Bytes of all files."""
        return sum(_size(folder) for folder in (self._jobs, self._incoming))


def _remove(folder: Path) -> None:
    """Remove a folder, in which a process that was just killed may still have put a file."""
    for _ in range(_ATTEMPTS):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(_PAUSE)


def _size(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 - of many files
            except FileNotFoundError:  # renamed or removed meanwhile
                continue
    return total
