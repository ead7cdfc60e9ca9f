"""The file in which a service's keys are kept."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout
from pydantic import ValidationError, model_validator
from pydantic_core import PydanticCustomError

from model.codebook import Schema
from model.errors import FramelineError, InputError
from model.faults import describe
from service.api_key import ApiKey, make_key

#: Seconds that a writer waits for another.
_WAIT = 10


class _Content(Schema):
    keys: tuple[ApiKey, ...]

    @model_validator(mode="after")
    def _check_ids(self) -> Self:
        if len({key.id for key in self.keys}) != len(self.keys):
            raise PydanticCustomError("ids", "two keys have the same id")
        return self


class KeyFile:
    """Keys in a JSON file that only its owner reads; it is replaced as a whole, by one writer at a time.

    Args:
        path: the file; its folder is made when the first key is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def version(self) -> tuple[int, int, int] | None:
        """What differs whenever the file was written; None where there is no file."""
        try:
            state = self.path.stat()
        except FileNotFoundError:
            return None
        return state.st_mtime_ns, state.st_size, state.st_ino

    def read(self) -> tuple[ApiKey, ...]:
        """Every key, the revoked ones too; none where there is no file.

        Raises:
            InputError: the file is damaged.
            OSError: it cannot be read.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return ()
        try:
            return _Content.model_validate_json(content).keys
        except ValidationError as error:
            first = describe(error)[0].split(" (seen: ")[0]  # a key that somebody pasted here is not shown
            raise InputError(
                str(self.path), f"the keys are damaged; repair the file or move it away: {first}"
            ) from None

    def create(self, name: str = "") -> tuple[ApiKey, str]:
        """Add a new key; the second value is the key itself, which cannot be had again.

        Raises:
            InputError: the file is damaged, or the name cannot be one.
        """
        try:
            kept, key = make_key(name)
        except ValidationError as error:
            raise InputError("", describe(error)[0]) from None
        with self._changing() as keys:
            while any(other.id == kept.id for other in keys):
                kept, key = make_key(name)
            keys.append(kept)
        return kept, key

    def revoke(self, key_id: str) -> ApiKey:
        """Mark a key as revoked; one that is already stays as it is.

        Raises:
            InputError: the file is damaged, or no key has that id.
        """
        with self._changing() as keys:
            for position, key in enumerate(keys):
                if key.id == key_id:
                    if key.revoked is None:
                        keys[position] = key.model_copy(update={"revoked": datetime.now(UTC).replace(microsecond=0)})
                    return keys[position]
            raise InputError("", f"no key has the id {key_id!r}; `frameline keys list` shows them")

    @contextmanager
    def _changing(self) -> Iterator[list[ApiKey]]:
        """The keys, to be changed; they are written when nothing was raised."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with FileLock(f"{self.path}.lock", timeout=_WAIT, mode=0o600):
                before = self.read()
                keys = list(before)
                yield keys
                if tuple(keys) != before:
                    _replace(self.path.resolve(), _Content(keys=tuple(keys)).model_dump_json(indent=2) + "\n")
        except Timeout:
            raise FramelineError(f"{self.path}.lock is held by another process for {_WAIT} s already") from None


def _replace(path: Path, content: str) -> None:
    """Write a file as a whole or not at all, for its owner's eyes only; a file that exists keeps its owner."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # its mode is 0600
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            if path.exists() and hasattr(os, "fchown"):
                os.fchown(descriptor, path.stat().st_uid, path.stat().st_gid)  # root may write what a service reads
            stream.write(content)
            stream.flush()
            os.fsync(descriptor)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
