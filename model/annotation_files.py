"""The files in which annotations lie, and whether they hold the sentences' texts."""

import json
from collections import Counter
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

from model.errors import FaultsError

#: How the record of an adjudication ends, which lies beside what it made and is no annotation.
RECORD_SUFFIX = ".record.jsonl"


def annotation_files(paths: Iterable[Path]) -> list[Path]:
    """The JSON Lines files among ``paths``; a folder stands for every such file below it but records of adjudication.

    Raises:
        FaultsError: a file is given twice, and would count twice.
    """
    return given_once(chain.from_iterable(map(files_below, paths)))


def files_below(path: Path) -> list[Path]:
    """The JSON Lines files below a folder, but records of adjudication; a file stands for itself."""
    below = (file for file in path.rglob("*.jsonl") if not file.name.endswith(RECORD_SUFFIX))
    return sorted(below) if path.is_dir() else [path]


def given_once(files: Iterable[Path]) -> list[Path]:
    """The same files, each of which is to be there once.

    Raises:
        FaultsError: a file is given twice, and would count twice.
    """
    files = list(files)
    counts = Counter(file.resolve() for file in files)
    twice = [f"{file}: is given twice; give it once" for file in files if counts[file.resolve()] > 1]
    if twice:
        raise FaultsError(twice)
    return files


def check_rereadable(file: Path) -> None:
    """Check that a file can be read a second time, since what it is is judged by how it begins.

    Raises:
        FaultsError: it is a pipe or the like, whose content would be lost.
    """
    if file.exists() and not (file.is_file() or file.is_dir()):
        raise FaultsError([f"{file}: can be read only once, as a pipe; write it to a file and give that"])


def is_standoff(file: Path) -> bool:
    """Whether ``file`` holds stand-off annotations, judged by its first line that can be read as an object.

    Raises:
        FaultsError: the file can be read only once.
    """
    check_rereadable(file)
    try:
        with file.open("rb") as stream:
            first = next(filter(None, map(_object, stream)), {})
    except OSError:
        return False
    return "corpus" in first and "text" not in first


def _object(line: bytes) -> dict[str, Any]:
    """The object that a line holds, or an empty one."""
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
