"""Finding the files of an archive."""

import glob
import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from model.errors import InputError
from service.archive.article import Input
from service.archive.formats import describe_suffixes, recognise
from service.archive.storage import file_name, is_url, resolve

_LOG = logging.getLogger(__name__)


def find_inputs(patterns: Sequence[str]) -> list[Input]:
    """The files that some patterns mean, sorted by their names, each once.

    A pattern is a file, a folder (all files of a known format in it and below it, hidden ones left out), a glob (``**``
    goes through folders), or one of these as a URL that fsspec opens. How many files of a folder have an unknown suffix
    is logged as a warning.

    Raises:
        InputError: naming all patterns that mean no file, and all files of an unknown format.
    """
    found: dict[str, Input] = {}
    faults: list[str] = []
    for pattern in patterns:
        try:
            found.update((source.url, source) for source in _find(pattern))
        except InputError as error:
            faults.append(str(error))
    if faults:
        raise InputError("", "\n".join(faults))
    return [found[url] for url in sorted(found)]


def _find(pattern: str) -> list[Input]:
    try:
        names, folder = _list_remote(pattern) if is_url(pattern) else _list_local(pattern)
    except InputError:
        raise
    except FileNotFoundError:
        raise InputError(pattern, "there is no such file") from None
    except Exception as error:  # each kind of storage has errors of its own
        raise InputError(pattern, f"cannot be listed: {error}") from None
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


def _list_local(pattern: str) -> tuple[list[str], bool]:
    """The files that a pattern means, and whether it is a folder."""
    path = Path(pattern)
    if path.is_dir():
        return [
            str(file) for file in path.rglob("*") if file.is_file() and not _is_hidden(file.relative_to(path))
        ], True
    if path.exists():
        return [pattern], False
    if glob.has_magic(pattern):
        return [name for name in glob.glob(pattern, recursive=True) if Path(name).is_file()], False  # noqa: PTH207
    raise FileNotFoundError


def _list_remote(pattern: str) -> tuple[list[str], bool]:
    system, path = resolve(pattern)
    behind = pattern.partition("::")[2]

    def name(paths: Iterable[str]) -> Iterator[str]:
        for found in paths:
            url = str(system.unstrip_protocol(found))
            yield f"{url}::{behind}" if behind else url

    if system.isdir(path):
        root = path.rstrip("/")
        return [*name(found for found in system.find(path) if not _is_hidden(Path(found[len(root) :])))], True
    if system.exists(path):
        return [pattern], False
    if glob.has_magic(path):
        return [*name(found for found in system.glob(path) if not system.isdir(found))], False
    raise FileNotFoundError


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
