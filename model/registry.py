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

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout
from pydantic import BaseModel, ValidationError

from model.atomic import UNFINISHED, sync_folder, write, write_once
from model.checkpoint import CHECKSUMS, Checkpoint, copy_checkpoint, digest
from model.errors import FramelineError
from model.faults import describe
from model.promotion import Action, Decision, Pointer
from model.version import METRICS, RUN, Lineage, Version

_VERSIONS = "versions"
_CHECKPOINT = "checkpoint"
_VERSION = "version.json"
_COMPARISONS = "comparisons"
_POINTER = "in-service.json"
_LOG = "log.jsonl"
#: Seconds that a writer waits for another, which may be copying a large checkpoint.
_WAIT = 120
_NAME = re.compile(r"v?([1-9]\d*)")
#: What else lies beside the versions is none of ours.
_FOLDER = re.compile(r"v[1-9]\d*")
_Kind = TypeVar("_Kind", bound=BaseModel)


class RegistryError(FramelineError):
    """A registry that is damaged, or that cannot do what was asked."""


class Registry:
    """Models in a folder.

    Args:
        folder: it is made when the first version is added.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def exists(self) -> bool:
        """Whether there is a version in it, or was once."""
        return (self.folder / _VERSIONS).is_dir()

    def versions(self) -> list[Version]:
        """Every version, the oldest first.

        Raises:
            RegistryError: one is damaged.
        """
        folders = (self.folder / _VERSIONS).iterdir() if self.exists else ()
        names = [folder.name for folder in folders if _FOLDER.fullmatch(folder.name)]
        return [self.version(name) for name in sorted(names, key=_number)]

    def version(self, name: str) -> Version:
        """The version of that name, ``v3`` or ``3``.

        Raises:
            RegistryError: there is none, or it is damaged.
        """
        match = _NAME.fullmatch(name)
        file = self._place(f"v{match[1]}") / _VERSION if match else None
        if file is None or not file.is_file():
            raise RegistryError(f"{self.folder}: no version {name!r} there; `frameline models list` shows them")
        return _parse(file, Version)

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
        folder = self._place(version.id) / _CHECKPOINT
        Checkpoint.open(folder)
        if digest(folder / CHECKSUMS) != version.digest:
            raise RegistryError(
                f"{folder}: not the checkpoint that was added as {version.id}; move it away and add that again"
            )
        return folder

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
                    self._mend(version, checkpoint)
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
            self._store(version, checkpoint, run)
        return version, True

    def pointer(self) -> Pointer:
        """The version in service.

        Raises:
            RegistryError: the file that says so is damaged.
        """
        file = self.folder / _POINTER
        return _parse(file, Pointer) if file.is_file() else Pointer()

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
            self._append(decision)
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
        last = self.pointer().decision
        decisions = []
        for number, line in enumerate(_whole_lines(self.folder / _LOG), start=1):
            try:
                decisions.append(Decision.model_validate_json(line))
            except ValidationError as error:
                raise RegistryError(f"{self.folder / _LOG}:{number}: damaged: {'; '.join(describe(error))}") from None
        if last is not None and last.number > len(decisions):  # a crash came between the pointer and the log
            decisions.append(last)
        return decisions

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
        return f"v{1 + max((_number(name) for name in named if name is not None), default=0)}"

    def _place(self, version: str) -> Path:
        return self.folder / _VERSIONS / version

    def _comparison(self, key: str) -> Path:
        return self.folder / _COMPARISONS / f"{key}.json"

    def _store(self, version: Version, checkpoint: Path, run: Path | None) -> None:
        """Copy everything to a folder of another name, check it, and give it its name."""
        unfinished = self._place(f"{UNFINISHED}{version.id}")
        unfinished.mkdir(parents=True)
        copy_checkpoint(checkpoint, unfinished / _CHECKPOINT)
        if run is not None:
            for name in (RUN, METRICS):
                write_once(unfinished / name, (run / name).read_bytes())
        write_once(unfinished / _VERSION, version.model_dump_json(indent=2).encode())
        sync_folder(unfinished)
        unfinished.rename(self._place(version.id))
        sync_folder(self.folder / _VERSIONS)

    def _mend(self, version: Version, checkpoint: Path) -> None:
        """Put another copy of its checkpoint in the place of a version's own, if that is damaged or gone."""
        try:
            self.checkpoint(version)
        except FramelineError:
            whole, damaged = self._place(f"{UNFINISHED}whole"), self._place(f"{UNFINISHED}damaged")
            copy_checkpoint(checkpoint, whole)
            own = self._place(version.id) / _CHECKPOINT
            if own.exists():
                own.rename(damaged)
            whole.rename(own)
            sync_folder(own.parent)
            self._recover()

    def _decide(self, action: Action, version: str | None, **details: object) -> Decision:
        fields = {"action": action, "version": version, "instead_of": self.pointer().version, **details}
        return Decision.model_validate({"number": len(self.log()) + 1, "at": _now(), **fields})

    def _point(self, pointer: Pointer) -> None:
        write(self.folder / _POINTER, pointer.model_dump_json(indent=2).encode())
        if pointer.decision is not None:
            self._append(pointer.decision)

    def _append(self, decision: Decision) -> None:
        with (self.folder / _LOG).open("ab") as stream:
            stream.write(decision.model_dump_json().encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Let no other writer in, and first complete or remove what a crash has left."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.folder / ".lock", timeout=_WAIT):
                self._recover()
                yield
        except Timeout:
            raise RegistryError(f"{self.folder}: another process has been writing for {_WAIT} s; try again") from None

    def _recover(self) -> None:
        for left in (*self.folder.glob(f"{UNFINISHED}*"), *self.folder.glob(f"*/{UNFINISHED}*")):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        log = self.folder / _LOG
        whole = _whole_lines(log)
        if log.is_file() and log.stat().st_size != sum(len(line) + 1 for line in whole):
            write(log, b"".join(line + b"\n" for line in whole))  # without the beginning of a line
        last = self.pointer().decision
        if last is not None and last.number > len(whole):
            self._append(last)


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


def _number(name: str) -> int:
    return int(name.removeprefix("v"))


def _whole_lines(file: Path) -> list[bytes]:
    """The lines of a file without the last one's beginning, if a crash left no more of it."""
    return file.read_bytes().split(b"\n")[:-1] if file.is_file() else []


def _parse(file: Path, kind: type[_Kind]) -> _Kind:
    try:
        return kind.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise RegistryError(f"{file}: damaged: {'; '.join(describe(error))}") from None


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
