"""Files that the service reads by itself: only below the folders that it was told."""

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

from model.errors import InputError
from service.archive.inputs import find_inputs
from service.archive.storage import is_url
from service.problems import Fault, ProblemError, invalid

_INPUT = ("body", "input")


class Roots:
    """The folders, or beginnings of URLs, below which inputs may be.

    Args:
        roots: absolute paths, or URLs.
    """

    def __init__(self, roots: Sequence[str]) -> None:
        self._urls = [root.rstrip("/") for root in roots if is_url(root)]
        self._folders = [Path(os.path.realpath(root)) for root in roots if not is_url(root)]

    def find(self, patterns: Sequence[str]) -> tuple[str, ...]:
        """The files that some patterns mean, each a URL or a path without symbolic links.

        Raises:
            ProblemError: 403 if there are no such folders, 422 that names every pattern that is at fault.
        """
        if not self._urls and not self._folders:
            raise ProblemError(403, "this service reads no files by itself; send the file, or set FRAMELINE_JOBS_ROOTS")
        _raise_any(
            Fault(loc=(*_INPUT, number), msg="is not below a folder that may be read", type="outside")
            for number, pattern in enumerate(patterns)
            if not self._allows(pattern)
        )
        found: dict[str, None] = {}
        faults: list[Fault] = []
        for number, pattern in enumerate(patterns):
            try:
                found.update(dict.fromkeys(self._expand(pattern)))
            except InputError as error:
                faults.append(Fault(loc=(*_INPUT, number), msg=str(error), type="input"))
        _raise_any(faults)
        return tuple(found)

    def _allows(self, pattern: str) -> bool:
        """Whether a pattern means nothing outside, as far as it says."""
        if "\0" in pattern or "::" in pattern or ".." in pattern.split("/"):
            return False
        if is_url(pattern):
            return self._holds_url(pattern)
        if not os.path.isabs(pattern):  # noqa: PTH117 - a pattern
            return False
        fixed = Path(pattern)
        while glob.has_magic(str(fixed)) and not os.path.lexists(fixed):
            fixed = fixed.parent
        return self._holds(os.path.realpath(fixed))

    def _expand(self, pattern: str) -> Iterator[str]:
        """The files of a pattern that is allowed.

        Raises:
            InputError: it means no file, or a symbolic link leads out.
        """
        for source in find_inputs([pattern]):
            if is_url(source.url):
                if not self._holds_url(source.url):
                    raise InputError("", f"{source.url}: leads out of what may be read")
                yield source.url
                continue
            real = os.path.realpath(source.url)
            if not self._holds(real):
                raise InputError("", f"{source.url}: a symbolic link leads out of the folders that may be read")
            if is_url(real):
                raise InputError("", f"{source.url}: its name would be taken for a URL; rename it")
            yield real

    def _holds_url(self, url: str) -> bool:
        """Whether a URL lies below a root, also for a server that decodes it and goes up where it says so."""
        decoded = unquote(unquote(url)).replace("\\", "/")
        if ".." in decoded.split("/") or "%2e" in url.lower():
            return False
        return any(f"{_plain(url)}/".startswith(f"{_plain(root)}/") for root in self._urls)

    def _holds(self, path: str) -> bool:
        return any(Path(path).is_relative_to(folder) for folder in self._folders)


def _plain(url: str) -> str:
    """A URL without the third slash that fsspec writes where there is no host."""
    return url.replace(":///", "://", 1)


def _raise_any(faults: Iterable[Fault]) -> None:
    listed = list(faults)
    if listed:
        raise invalid(listed)
