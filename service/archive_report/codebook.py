"""The codebook by which an archive was scored, for the names of its actors."""

from contextlib import suppress
from pathlib import Path

from model.checkpoint import CODEBOOK, DEFAULT
from model.codebook import Codebook
from model.errors import CodebookError
from service.archive_report.manifest import Manifest


def find_codebook(manifest: Manifest) -> Codebook:
    """The codebook that a manifest names, if it is still there and the same, else the shipped one."""
    options = manifest.options
    for file in (options.codebook, options.model and f"{options.model}/{CODEBOOK}"):
        with suppress(CodebookError):
            if file is not None and (found := Codebook.load(Path(file))).label == manifest.model.codebook:
                return found
    return Codebook.load(DEFAULT / CODEBOOK)
