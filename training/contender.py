"""A model that is compared with another one."""

from pathlib import Path
from typing import NamedTuple

from model.checkpoint import CHECKSUMS, DEFAULT, Checkpoint, digest
from model.errors import FramelineError, RegistryError
from model.registry import Registry
from model.version import Lineage, Version

SHIPPED = "default"


class Contender(NamedTuple):
    """A checkpoint by the name that it was given, and its version where a registry has it.

    ``size`` is in bytes; ``lineages`` are those of the version and of the ones before, from which it was made.
    """

    name: str
    folder: Path
    digest: str
    size: int
    version: Version | None
    lineages: tuple[Lineage, ...] = ()


def find_contender(name: str, registry: Registry) -> Contender:
    """The model of a name: ``default`` for the one that ships, a version of the registry, or a checkpoint's folder.

    A folder that is called as a version is named ``./v1``.

    Raises:
        FramelineError: there is none of that name, or it is damaged.
    """
    if name == SHIPPED:
        return _contender(name, DEFAULT, registry)
    try:
        version = registry.version(name)
    except RegistryError as error:
        if Path(name).is_dir():
            return _contender(name, Path(name), registry)
        raise FramelineError(f"{error}; nor is {name!r} a checkpoint's folder or {SHIPPED!r}") from None
    return of_version(version, registry)


def of_version(version: Version, registry: Registry) -> Contender:
    """A version of the registry.

    Raises:
        FramelineError: it is damaged.
    """
    return Contender(
        version.id, registry.checkpoint(version), version.digest, version.size, version, registry.lineages(version)
    )


def _contender(name: str, folder: Path, registry: Registry) -> Contender:
    Checkpoint.open(folder)
    identity = digest(folder / CHECKSUMS)
    size = sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
    known = next((version for version in registry.versions() if version.digest == identity), None)
    return Contender(name, folder, identity, size, known, () if known is None else registry.lineages(known))
