"""A registry of models on disk: versions that never change, which one is in service, and a log of how it came there.

::

    versions/v3/version.json      what it is and where it comes from
    versions/v3/checkpoint/       a copy of the checkpoint
    versions/v3/run.json …        the record and the scores of its training run, where they were given
    comparisons/KEY.json          what promotions rest on
    in-service.json               the version in service and those before it; replaced as a whole
    log.jsonl                     one decision a line; nothing is ever taken out

Writers take turns. Each step is complete once a single file or folder has got its name, so that a crash leaves the
state before or the state after.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from model.atomic import remove_unfinished, write
from model.checkpoint import CHECKSUMS, Checkpoint, digest
from model.decision_log import DecisionLog
from model.errors import RegistryError
from model.promotion import Action, Decision, Pointer
from model.registry_file import parse
from model.version import Lineage, Version
from model.version_folders import VersionFolders, number_of

_COMPARISONS = "comparisons"
_POINTER = "in-service.json"
_LOG = "log.jsonl"
#: Seconds that a writer waits for another, which may be copying a large checkpoint.
_WAIT = 120


class Registry:
    """Models in a folder.

    Args:
        folder: it is made when the first version is added.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._versions = VersionFolders(folder)
        self._log = DecisionLog(folder / _LOG)

    @property
    def exists(self) -> bool:
        """Whether there is a version in it, or was once."""
        return self._versions.exist

    def versions(self) -> list[Version]:
        """Every version, the oldest first.

        Raises:
            RegistryError: one is damaged.
        """
        return self._versions.all()

    def version(self, name: str) -> Version:
        """The version of that name, ``v3`` or ``3``.

        Raises:
            RegistryError: there is none, or it is damaged.
        """
        return self._versions.read(name)

    def lineages(self, version: Version) -> tuple[Lineage, ...]:
        """Where a version comes from, and where those do that it was made from or that taught it, as far as is known.

        Raises:
            RegistryError: one of them is damaged.
        """
        known = self.versions()
        found: dict[str, Version] = {}
        waiting = [version]
        while waiting:
            one = waiting.pop(0)
            if one.id not in found:
                found[one.id] = one
                teacher = None if one.lineage is None else _version_of(known, one.lineage.teacher)
                waiting += [self.version(name) for name in (one.parent, teacher) if name is not None]
        return tuple(one.lineage for one in found.values() if one.lineage is not None)

    def checkpoint(self, version: Version) -> Path:
        """The folder of a version's checkpoint, every file of which has been compared with its checksum.

        Raises:
            CheckpointError: it is damaged.
            RegistryError: it is not the one that was added.
        """
        return self._versions.checkpoint(version)

    def add(
        self, checkpoint: Path, run: Path | None = None, *, by: str, note: str = "", parent: str | None = None
    ) -> tuple[Version, bool]:
        """Keep a copy of a checkpoint as a new version.

        Args:
            checkpoint: an exported checkpoint.
            run: the folder of the training run that it comes from.
            by: who adds it.
            note: anything to be remembered.
            parent: the version that it was made from; by default the one of the run on which its run is based.

        Returns:
            The version, and whether it is new: a checkpoint that is there already is not added again; where the copy
            of it is damaged or gone, it is copied again.

        Raises:
            CheckpointError: the checkpoint is missing or damaged.
            InputError: the run is none, or has not finished.
            RegistryError: the parent is unknown.
        """
        opened = Checkpoint.open(checkpoint)
        lineage = None if run is None else Lineage.read(run)
        base = None if lineage is None else lineage.base
        with self._changing():
            known = self.versions()
            identity = digest(checkpoint / CHECKSUMS)
            for version in known:
                if version.digest == identity:
                    self._versions.mend(version, checkpoint)
                    return version, False
            version = Version(
                id=self._next_id(known),
                name=opened.config.name,
                version=opened.config.version,
                codebook=opened.codebook.label,
                precision=opened.config.precision,
                digest=identity,
                size=sum(file.stat().st_size for file in checkpoint.iterdir() if file.is_file()),
                parent=_version_of(known, base) if parent is None else self.version(parent).id,
                added=_now(),
                by=by,
                note=note,
                lineage=lineage,
            )
            self._versions.add(version, checkpoint, run)
        return version, True

    def pointer(self) -> Pointer:
        """The version in service.

        Raises:
            RegistryError: the file that says so is damaged.
        """
        file = self.folder / _POINTER
        return parse(file, Pointer) if file.is_file() else Pointer()

    def stamp(self) -> tuple[int, int, int] | None:
        """What differs whenever another version is put into service; cheap to ask for."""
        try:
            state = (self.folder / _POINTER).stat()
        except OSError:
            return None
        return state.st_mtime_ns, state.st_size, state.st_ino

    def promote(
        self,
        version: Version,
        instead_of: str | None,
        *,
        by: str,
        reason: str = "",
        forced: bool = False,
        evidence: str | None = None,
        findings: tuple[str, ...] = (),
    ) -> Decision:
        """Put a version into service.

        Args:
            version: which.
            instead_of: the version in service with which it was compared.
            by: who decides.
            reason: why.
            forced: whether it was refused otherwise.
            evidence: the key of the comparison.
            findings: what the comparison had against it.

        Raises:
            CheckpointError: the version is damaged.
            RegistryError: another version is in service meanwhile.
        """
        self.checkpoint(version)
        with self._changing():
            pointer = self.pointer()
            if pointer.version != instead_of:
                raise RegistryError(
                    f"{self.folder}: {pointer.version} is in service now and not {instead_of}: promote {version.id} "
                    "again, so that it is compared with that"
                )
            decision = self._decide(
                "promoted", version.id, by=by, reason=reason, forced=forced, evidence=evidence, findings=findings
            )
            before = (*pointer.before, *((pointer.version,) if pointer.version is not None else ()))
            self._point(Pointer(version=version.id, before=before, decision=decision))
        return decision

    def refuse(
        self, version: Version, *, by: str, reason: str, evidence: str | None = None, findings: tuple[str, ...] = ()
    ) -> Decision:
        """Note that a version was not put into service."""
        with self._changing():
            decision = self._decide("refused", version.id, by=by, reason=reason, evidence=evidence, findings=findings)
            self._log.append(decision)
        return decision

    def rollback(self, *, by: str, reason: str = "") -> Decision:
        """Put the version into service that was before; before the first one there was none.

        Raises:
            RegistryError: no version is in service.
        """
        with self._changing():
            pointer = self.pointer()
            if pointer.version is None:
                raise RegistryError(f"{self.folder}: no version is in service, so there is none to roll back")
            version = pointer.before[-1] if pointer.before else None
            decision = self._decide("rolled back", version, by=by, reason=reason)
            self._point(Pointer(version=version, before=pointer.before[:-1], decision=decision))
        return decision

    def log(self) -> list[Decision]:
        """Every decision, the oldest first.

        Raises:
            RegistryError: the log is damaged.
        """
        return self._log.read(self.pointer().decision)

    def keep_comparison(self, key: str, content: str) -> None:
        """Keep what a promotion may rest on; one that is kept already stays as it is."""
        with self._changing():
            (self.folder / _COMPARISONS).mkdir(exist_ok=True)
            if not self._comparison(key).exists():
                write(self._comparison(key), content.encode())

    def comparison(self, key: str) -> str | None:
        """What was kept under a key."""
        file = self._comparison(key)
        return file.read_text(encoding="utf-8") if file.is_file() else None

    def comparisons(self) -> list[str]:
        """The keys of what was kept, the newest first."""
        files = sorted((self.folder / _COMPARISONS).glob("*.json"), key=lambda file: -file.stat().st_mtime_ns)
        return [file.stem for file in files]

    def _next_id(self, known: list[Version]) -> str:
        """An id that no version has or had."""
        named = [version.id for version in known] + [decision.version for decision in self.log()]
        return f"v{1 + max((number_of(name) for name in named if name is not None), default=0)}"

    def _comparison(self, key: str) -> Path:
        return self.folder / _COMPARISONS / f"{key}.json"

    def _decide(self, action: Action, version: str | None, **details: object) -> Decision:
        fields = {"action": action, "version": version, "instead_of": self.pointer().version, **details}
        return Decision.model_validate({"number": len(self.log()) + 1, "at": _now(), **fields})

    def _point(self, pointer: Pointer) -> None:
        write(self.folder / _POINTER, pointer.model_dump_json(indent=2).encode())
        if pointer.decision is not None:
            self._log.append(pointer.decision)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Let no other writer in, and first complete or remove what a crash has left."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.folder / ".lock", timeout=_WAIT):
                remove_unfinished(self.folder)
                self._log.complete(self.pointer().decision)
                yield
        except Timeout:
            raise RegistryError(f"{self.folder}: another process has been writing for {_WAIT} s; try again") from None


def _version_of(known: list[Version], model: str | None) -> str | None:
    """The newest version of a run or of a checkpoint, on which another one is based or by which it is taught."""
    if model is None:
        return None
    folder = Path(model).resolve()
    identity = digest(folder / CHECKSUMS) if (folder / CHECKSUMS).is_file() else None
    made = [
        version.id
        for version in known
        if version.digest == identity or (version.lineage is not None and version.lineage.run == str(folder))
    ]
    return made[-1] if made else None


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
