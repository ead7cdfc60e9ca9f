"""Files that are written as a whole or not at all, also when the machine stops at that very moment."""

import os
import shutil
from pathlib import Path
from uuid import uuid4

#: What unfinished files begin with.
UNFINISHED = ".unfinished-"


def write(path: Path, content: bytes) -> None:
    """Write a file; whoever reads it sees the old content or the new one."""
    temporary = path.with_name(f"{UNFINISHED}{uuid4().hex}")
    try:
        write_through(temporary, content)
        temporary.replace(path)
        sync_folder(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_through(path: Path, content: bytes) -> None:
    """Write a new file and wait until the disk has it."""
    with path.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def write_once(path: Path, content: bytes) -> None:
    """The same of a file that nobody changes afterwards."""
    write_through(path, content)
    path.chmod(0o444)


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in a folder; nothing where the system cannot."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_unfinished(folder: Path) -> None:
    """Remove what a crash has left unfinished in a folder, and in those that lie in it."""
    for left in (*folder.glob(f"{UNFINISHED}*"), *folder.glob(f"*/{UNFINISHED}*")):
        shutil.rmtree(left) if left.is_dir() else left.unlink()
