"""The folder in which a run leaves its tables: on a disk, or at any URL that fsspec writes to."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from model.atomic import sync_folder
from service.archive.errors import DiskError
from service.archive.storage import is_url, resolve

#: Errors of the system that say that nothing more can be written there.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
#: The end of the names of files that are being written.
TEMPORARY = ".tmp"


class Folder(Protocol):
    """A folder whose files appear whole or not at all; names are relative to it, with slashes."""

    url: str

    def write(self, name: str, content: bytes) -> None:
        """Write a file; one of that name is replaced."""

    def writing(self, name: str) -> "_Writing":
        """A stream to write a file piece by piece; it appears when the block ends without an error."""

    def read(self, name: str) -> bytes | None:
        """What is in a file; None where there is none."""

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a file, one after the other."""

    def names(self, folder: str = "") -> list[str]:
        """The names of all that lies directly in a subfolder, sorted; empty where there is no such folder."""

    def remove(self, name: str) -> None:
        """Remove a file, or a subfolder with all that is in it; nothing happens where there is none."""

    def sweep(self) -> None:
        """Remove what processes that were killed left half written."""


class _Writing(Protocol):
    def __enter__(self) -> BinaryIO: ...

    def __exit__(self, *error: Any) -> bool | None: ...


def open_folder(url: str) -> Folder:
    """The folder at a path or URL; it is made when something is written."""
    if not is_url(url):
        return LocalFolder(url)
    parts = urlsplit(url)
    if parts.scheme in ("file", "local"):
        return LocalFolder(unquote(parts.path))
    return RemoteFolder(url)


class LocalFolder:
    """A folder on a disk; each file is written under another name, brought to the disk, then renamed."""

    def __init__(self, path: str) -> None:
        self.url = path
        self.path = Path(path)

    def write(self, name: str, content: bytes) -> None:
        """Write a file; one of that name is replaced.

        Raises:
            DiskError: there is no room.
        """
        with self.writing(name) as stream:
            stream.write(content)

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        """A stream to write a file piece by piece; it appears when the block ends without an error.

        Raises:
            DiskError: there is no room.
        """
        file = self.path / name
        temporary = file.with_name(f".{file.name}.{uuid4().hex}{TEMPORARY}")  # of its own on a shared disk, too
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(file)
            sync_folder(file.parent)
        except BaseException as error:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            if isinstance(error, OSError) and error.errno in FULL:
                raise DiskError(str(file.parent), str(error.strerror)) from None
            raise

    def read(self, name: str) -> bytes | None:
        """What is in a file; None where there is none."""
        try:
            return (self.path / name).read_bytes()
        except FileNotFoundError:
            return None

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a file, one after the other."""
        with (self.path / name).open("rb") as stream:
            yield from stream

    def names(self, folder: str = "") -> list[str]:
        """The names of all that lies directly in a subfolder, sorted; empty where there is no such folder."""
        try:
            return sorted(path.name for path in (self.path / folder).iterdir())
        except FileNotFoundError:
            return []

    def remove(self, name: str) -> None:
        """Remove a file, or a subfolder with all that is in it; nothing happens where there is none."""
        path = self.path / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what processes that were killed left half written."""
        for part in ("", "sentences", "stances", "rejected", "done"):
            for name in self.names(part):
                if name.startswith(".") and name.endswith(TEMPORARY):
                    (self.path / part / name).unlink(missing_ok=True)


class RemoteFolder:
    """A folder in an object store, whose objects are put as a whole, or at any other URL that fsspec writes to."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._system, root = resolve(url)
        self._root = root.rstrip("/")

    def write(self, name: str, content: bytes) -> None:
        """Put an object; one of that name is replaced."""
        self._make_room(name)
        self._system.pipe_file(self._path(name), content)

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        """A stream to write an object piece by piece; it is put as a whole when the block ends without an error."""
        with tempfile.TemporaryDirectory() as place:  # a stream of the storage's own would put a half on an error, too
            file = Path(place, "object")
            with file.open("wb") as stream:
                yield stream
            self._make_room(name)
            self._system.put_file(str(file), self._path(name))

    def read(self, name: str) -> bytes | None:
        """What is in an object; None where there is none."""
        try:
            content: bytes = self._system.cat_file(self._path(name))
        except FileNotFoundError:
            return None
        return content

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of an object, one after the other."""
        with self._system.open(self._path(name), "rb") as stream:
            yield from stream

    def names(self, folder: str = "") -> list[str]:
        """The names of all that lies directly in a subfolder, sorted; empty where there is no such folder."""
        self._system.invalidate_cache()
        try:
            found = self._system.ls(self._path(folder), detail=False)
        except FileNotFoundError:
            return []
        return sorted(name.rstrip("/").rpartition("/")[2] for name in found)

    def remove(self, name: str) -> None:
        """Remove an object, or all that is in a subfolder; nothing happens where there is none."""
        with suppress(FileNotFoundError):
            self._system.rm(self._path(name), recursive=True)

    def sweep(self) -> None:
        """Objects are never half written."""

    def _make_room(self, name: str) -> None:
        """Make the folder in which a file goes; object stores have none, which they bear."""
        self._system.makedirs(self._path(name).rpartition("/")[0], exist_ok=True)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}".rstrip("/")
