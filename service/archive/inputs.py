"""Finding the files of an archive."""

import glob
import logging
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from model.errors import InputError
from service.archive.article import Input
from service.archive.folder import LocalFolder, open_folder
from service.archive.formats import describe_suffixes, recognise
from service.archive.manifest import MANIFEST
from service.archive.plan import PLAN, SHARDS
from service.archive.storage import file_name, is_url, resolve

_LOG = logging.getLogger(__name__)
_ONCE = "no file but a stream; an archive is read more than once, so write it to a file and give that one"


def find_inputs(patterns: Sequence[str], out: str | None = None) -> list[Input]:
    """The files that some patterns mean, sorted by their names, each once, by the first name that is given to it.

    A pattern is a file, a folder (all files of a known format in it and below it, links followed, hidden ones and those
    of runs left out), a glob (``**`` goes through folders), or one of these as a URL that fsspec opens. How many files
    of a folder have an unknown suffix, and how many folders a glob means besides, is logged as a warning.

    Args:
        patterns: what means the files.
        out: the folder of the run's own tables, in which neither folders nor globs find anything.

    Raises:
        InputError: naming all patterns that mean no file, and all files of an unknown format.
    """
    found: dict[str, Input] = {}
    faults: list[str] = []
    own = _Own(out)
    for pattern in patterns:
        try:
            for source in sorted(_find(pattern, own), key=lambda source: source.url):
                found.setdefault(source.url if is_url(source.url) else os.path.realpath(source.url), source)
        except InputError as error:
            faults.append(str(error))
    if faults:
        raise InputError("", "\n".join(faults))
    return sorted(found.values(), key=lambda source: source.url)


class _Own:
    """The folder of the run's own tables.

    Args:
        out: its path or URL; None where there is none.
    """

    def __init__(self, out: str | None) -> None:
        self._path: Path | None = None
        self._url: str | None = None
        folder = None if out is None else open_folder(out)
        if isinstance(folder, LocalFolder):
            self._path = Path(os.path.realpath(folder.path))
            self._url = f"file://{self._path.as_posix()}"
        elif folder is not None:
            system, path = resolve(folder.url)
            self._url = str(system.unstrip_protocol(path)).rstrip("/")

    def has(self, name: str) -> bool:
        """Whether a file lies in it, or a folder is it."""
        if is_url(name):
            return self._url is not None and f"{name}/".startswith(f"{self._url}/")
        return self._path is not None and Path(os.path.realpath(name)).is_relative_to(self._path)

    def within(self, folder: str) -> Path | None:
        """What it is called in a folder above it; None where it lies elsewhere."""
        if is_url(folder):
            begin = f"{folder.rstrip('/')}/"
            inside = self._url is not None and self._url.startswith(begin)
            return Path(str(self._url)[len(begin) :].lstrip("/")) if inside else None
        root = Path(os.path.realpath(folder))
        return self._path.relative_to(root) if self._path is not None and self._path.is_relative_to(root) else None


def _find(pattern: str, own: _Own) -> list[Input]:
    try:
        names, folder = _list_remote(pattern, own) if is_url(pattern) else _list_local(pattern, own)
    except InputError:
        raise
    except FileNotFoundError:
        raise InputError(pattern, _ONCE if pattern == "-" else "there is no such file") from None
    except Exception as error:  # each kind of storage has errors of its own
        raise InputError(pattern, f"cannot be listed: {error}") from None
    garbled = [_show(name) for name in names if recognise(file_name(name)) is not None and _show(name) != name]
    if garbled:
        raise InputError("", "\n".join(f"{name}: its name is not UTF-8; rename it" for name in garbled))
    return _take_known(pattern, names) if folder else _take_all(pattern, names)


def _take_known(folder: str, names: list[str]) -> list[Input]:
    known = [source for name in names if (source := _make_input(name)) is not None]
    if not known:
        raise InputError(folder, f"no file of a known format in this folder; known are {describe_suffixes()}")
    if skipped := len(names) - len(known):
        _LOG.warning("%s: %d files of an unknown format are skipped", folder, skipped)
    return known


def _take_all(pattern: str, names: list[str]) -> list[Input]:
    if not names:
        raise InputError(pattern, "matches no file")
    unknown = [name for name in names if _make_input(name) is None]
    if unknown:
        raise InputError("", "\n".join(f"{name}: unknown format; known are {describe_suffixes()}" for name in unknown))
    return [source for name in names if (source := _make_input(name)) is not None]


def _make_input(name: str) -> Input | None:
    known = recognise(file_name(name))
    return None if known is None else Input(url=name, format=known[0], compression=known[1])


def _show(name: str) -> str:
    """A name as it can be printed; it differs only where it is not UTF-8."""
    return name.encode(errors="replace").decode()


def _list_local(pattern: str, own: _Own) -> tuple[list[str], bool]:
    """The files that a pattern means, and whether it is a folder."""
    path = Path(pattern)
    if path.is_dir():
        files = [*_walk(path)]
        runs = _find_runs(files, own.within(pattern))
        return [str(path / file) for file in files if not _is_left_out(file, runs)], True
    if path.exists():
        if not path.is_file():
            raise InputError(pattern, _ONCE)
        return [pattern], False
    if glob.has_magic(pattern):
        names = [name for name in glob.glob(pattern, recursive=True) if not own.has(name)]  # noqa: PTH207
        _note_folders(pattern, [name for name in names if Path(name).is_dir()])
        return [name for name in names if _is_input(Path(name))], False
    raise FileNotFoundError


def _walk(folder: Path) -> Iterator[Path]:
    """The files in a folder and below it, relative to it; hidden ones are left out, links followed, but in no circle.

    Raises:
        OSError: a folder cannot be searched.
    """
    seen = set()
    for at, folders, names in os.walk(folder, onerror=_raise, followlinks=True):
        status = Path(at).stat()
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files = (Path(at, name) for name in names if not name.startswith("."))
        yield from (file.relative_to(folder) for file in files if _is_input(file))


def _is_input(path: Path) -> bool:
    """Whether it is a file; a link that leads nowhere is one, too, whose survey says that it cannot be read."""
    return path.is_file() or not path.exists()


def _raise(error: OSError) -> None:
    raise error


def _note_folders(pattern: str, folders: Collection[str]) -> None:
    """Say which folders a glob means besides files; ``**`` at its end goes through them anyway."""
    if folders and not pattern.rstrip("/").endswith("**"):
        some = ", ".join(sorted(folders)[:3])
        _LOG.warning(
            "%s: %d folders among these are not searched (%s); give %s/** besides", pattern, len(folders), some, pattern
        )


def _list_remote(pattern: str, own: _Own) -> tuple[list[str], bool]:
    system, path = resolve(pattern)
    behind = pattern.partition("::")[2]

    def name(paths: Iterable[str]) -> Iterator[str]:
        for found in paths:
            url = str(system.unstrip_protocol(found))
            yield f"{url}::{behind}" if behind else url

    if system.isdir(path):
        root = path.rstrip("/")
        files = {found: Path(found[len(root) :].lstrip("/")) for found in system.find(path)}
        runs = _find_runs(files.values(), own.within(next(name([root]))))
        return [*name(found for found, file in files.items() if not _is_left_out(file, runs))], True
    if system.exists(path):
        return [pattern], False
    if glob.has_magic(path):
        names = [found for found in system.glob(path) if not own.has(next(name([found])))]
        folders = {found for found in names if system.isdir(found)}
        _note_folders(pattern, folders)
        return [*name(found for found in names if found not in folders)], False
    raise FileNotFoundError


def _find_runs(files: Collection[Path], own: Path | None) -> set[Path]:
    """The folders below a searched one that hold a run, finished or begun; ``own`` is that of this one."""
    marked = {file.parent for file in files if file.name in (MANIFEST, PLAN)}
    tables = {file.parent.parent for file in files if file.parent.name == "sentences"}
    begun = {file.parent for file in files if file.name == SHARDS}
    return (marked & (tables | begun) | ({own} if own is not None else set())) - {Path()}


def _is_left_out(file: Path, runs: set[Path]) -> bool:
    """Whether a file of a folder is hidden, or one of a run."""
    return any(part.startswith(".") for part in file.parts) or (bool(runs) and not runs.isdisjoint(file.parents))
