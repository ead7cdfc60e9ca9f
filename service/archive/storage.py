"""Where an archive's files lie: on this machine's disks, or at any URL that fsspec opens."""

import hashlib
import os
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from model.errors import InputError


def is_url(name: str) -> bool:
    """Whether fsspec opens what is called ``name``; else it is a path of this machine."""
    return "://" in name or "::" in name


def resolve(url: str) -> tuple[Any, str]:
    """The file system of a URL, and what the URL is called there.

    Raises:
        InputError: there is no such kind of URL, or the package for it is missing.
    """
    return _resolve(url, os.getpid())


@lru_cache(maxsize=16)
def _resolve(url: str, process: int) -> tuple[Any, str]:
    """As `resolve`; what was resolved last is kept, since a zip file closes with its file system.

    No process uses those of its parent: not all of them outlive a fork.
    """
    import fsspec

    protocol = url.partition("://")[0]
    try:
        system, path = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise InputError(url, f"{protocol}:// needs a further package: {error}") from None
    except ValueError as error:
        raise InputError(url, f"no URL that can be opened: {error}") from None
    return system, path


def open_stored(url: str) -> BinaryIO:
    """Open a file of an archive as it is stored; whoever asks for it closes it.

    Raises:
        OSError: it cannot be read.
    """
    if not is_url(url):
        return Path(url).open("rb", buffering=0)
    system, path = resolve(url)
    file: BinaryIO = system.open(path, "rb")
    return file


def fingerprint(url: str) -> str:
    """What changes when the file changes."""
    if is_url(url):
        system, path = resolve(url)
        return str(system.ukey(path))
    status = Path(url).stat()
    return f"{status.st_size}-{status.st_mtime_ns}"


def stamp(url: str) -> str:
    """As `fingerprint`; empty where the file cannot be reached."""
    try:
        return fingerprint(url)
    except OSError:
        return ""


def digest(url: str) -> str:
    """The SHA-256 of a file as it is stored.

    Raises:
        OSError: it cannot be read.
    """
    found = hashlib.sha256()
    with closing(open_stored(url)) as file:
        while block := file.read(1 << 20):
            found.update(block)
    return found.hexdigest()


def measure(url: str) -> int:
    """The size of a file as it is stored, in bytes; 0 where a server does not say it."""
    if is_url(url):
        system, path = resolve(url)
        return int(system.size(path) or 0)
    return Path(url).stat().st_size


def file_name(url: str) -> str:
    """The last part of a URL or path; of a file within another (``zip://...::...``), of the inner one."""
    inner = url.partition("::")[0] if is_url(url) else url
    return inner.rpartition("/")[2]
