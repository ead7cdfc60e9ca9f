"""The folder of this machine in which a run keeps what need not be kept: its lock and its store of labels."""

import getpass
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from filelock import FileLock, Timeout

from service.archive.errors import ArchiveError
from service.archive.folder import Folder, LocalFolder
from service.archive.store import STORE

LOCK = ".lock"


@contextmanager
def hold_scratch(folder: Folder) -> Iterator[Path]:
    """Hold the scratch folder of a run: its own, or for one at a URL a temporary one that goes by that URL.

    Raises:
        ArchiveError: another process holds it.
    """
    scratch = folder.path if isinstance(folder, LocalFolder) else temporary_folder(folder.url)
    scratch.mkdir(parents=True, exist_ok=True)
    lock = FileLock(scratch / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ArchiveError(
            f"{folder.url}: another run is writing there; wait until it ends, or give --out another folder"
        ) from None
    try:
        yield scratch
    finally:
        lock.release()


def clear_store(scratch: Path) -> None:
    """Remove the labels that a scratch folder holds."""
    for name in (STORE, f"{STORE}-wal", f"{STORE}-shm"):
        (scratch / name).unlink(missing_ok=True)


def clear_scratch(scratch: Path) -> None:
    """Remove what a scratch folder holds, when all is done."""
    with suppress(PermissionError):  # some systems keep a file that is open
        clear_store(scratch)
    with suppress(PermissionError):
        (scratch / LOCK).unlink(missing_ok=True)
    with suppress(OSError):  # it is the folder of the tables, too
        scratch.rmdir()


def temporary_folder(key: str) -> Path:
    """The path of a folder of the user's own below the system's temporary one, another one for each key.

    Raises:
        ArchiveError: it is somebody else's.
    """
    root = Path(tempfile.gettempdir()) / f"frameline-{getpass.getuser()}"
    root.mkdir(mode=0o700, exist_ok=True)
    status = root.lstat()
    if os.name == "posix" and (status.st_uid != os.getuid() or not stat.S_ISDIR(status.st_mode)):
        raise ArchiveError(f"{root}: is not yours; let TMPDIR name another folder")
    return root / sha256(key.encode()).hexdigest()[:16]
