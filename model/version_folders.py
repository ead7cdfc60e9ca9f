"""The versions of a registry on disk, each a folder that gets its name when it is whole and then never changes."""

import re
from pathlib import Path

from model.atomic import UNFINISHED, remove_unfinished, sync_folder, write_once
from model.checkpoint import CHECKSUMS, Checkpoint, copy_checkpoint, digest
from model.errors import FramelineError, RegistryError
from model.registry_file import parse
from model.version import METRICS, RUN, Version

_CHECKPOINT = "checkpoint"
_VERSION = "version.json"
_NAME = re.compile(r"v?([1-9]\d*)")
#: What else lies beside the versions is none of ours.
_FOLDER = re.compile(r"v[1-9]\d*")


class VersionFolders:
    """The folders of versions.

    Args:
        registry: the folder of the registry.
    """

    def __init__(self, registry: Path) -> None:
        self._registry = registry
        self._folder = registry / "versions"

    @property
    def exist(self) -> bool:
        """Whether there is a version, or was once."""
        return self._folder.is_dir()

    def all(self) -> list[Version]:
        """Every version, the oldest first.

        Raises:
            RegistryError: one is damaged.
        """
        folders = self._folder.iterdir() if self.exist else ()
        names = [folder.name for folder in folders if _FOLDER.fullmatch(folder.name)]
        return [self.read(name) for name in sorted(names, key=number_of)]

    def read(self, name: str) -> Version:
        """The version of that name, ``v3`` or ``3``.

        Raises:
            RegistryError: there is none, or it is damaged.
        """
        match = _NAME.fullmatch(name)
        file = self._folder / f"v{match[1]}" / _VERSION if match else None
        if file is None or not file.is_file():
            raise RegistryError(f"{self._registry}: no version {name!r} there; `frameline models list` shows them")
        return parse(file, Version)

    def checkpoint(self, version: Version) -> Path:
        """The folder of a version's checkpoint, every file of which has been compared with its checksum.

        Raises:
            CheckpointError: it is damaged.
            RegistryError: it is not the one that was added.
        """
        folder = self._folder / version.id / _CHECKPOINT
        Checkpoint.open(folder)
        if digest(folder / CHECKSUMS) != version.digest:
            raise RegistryError(
                f"{folder}: not the checkpoint that was added as {version.id}; move it away and add that again"
            )
        return folder

    def add(self, version: Version, checkpoint: Path, run: Path | None) -> None:
        """Copy everything to a folder of another name, check it, and give it its name."""
        unfinished = self._folder / f"{UNFINISHED}{version.id}"
        unfinished.mkdir(parents=True)
        copy_checkpoint(checkpoint, unfinished / _CHECKPOINT)
        if run is not None:
            for name in (RUN, METRICS):
                write_once(unfinished / name, (run / name).read_bytes())
        write_once(unfinished / _VERSION, version.model_dump_json(indent=2).encode())
        sync_folder(unfinished)
        unfinished.rename(self._folder / version.id)
        sync_folder(self._folder)

    def mend(self, version: Version, checkpoint: Path) -> None:
        """Put another copy of its checkpoint in the place of a version's own, if that is damaged or gone."""
        try:
            self.checkpoint(version)
        except FramelineError:
            whole, damaged = self._folder / f"{UNFINISHED}whole", self._folder / f"{UNFINISHED}damaged"
            copy_checkpoint(checkpoint, whole)
            own = self._folder / version.id / _CHECKPOINT
            if own.exists():
                own.rename(damaged)
            whole.rename(own)
            sync_folder(own.parent)
            remove_unfinished(self._registry)


def number_of(version: str) -> int:
    """The number in a version's id."""
    return int(version.removeprefix("v"))
