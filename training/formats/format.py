"""What every format can do: tell its own files, read them and write them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from model.annotation import Annotation
from model.codebook import Codebook
from training.formats.intake import Intake


class Format(Protocol):
    """A format of annotation files; it has no state of its own.

    ``read`` and ``write`` are each other's inverse: what was written comes back identical, with the frames in the
    order of the codebook and the spans in the order of the text.

    Attributes:
        name: what ``--format`` calls it.
        summary: the tool and the kind of file, in one line.
        folder: whether it is written as a folder of files.
    """

    name: str
    summary: str
    folder: bool

    def recognises(self, path: Path, head: str) -> bool:
        """Whether a file is of this format, judged by its name and its first 64 KiB as text."""

    def files(self, folder: Path) -> list[Path]:
        """The files below ``folder`` that `read` would take, in a fixed order."""

    def read(self, paths: Sequence[Path], intake: Intake) -> None:
        """Read files (no folders) into ``intake``, faults too; nothing of a file's content raises."""

    def write(self, annotations: Sequence[Annotation], target: Path, codebook: Codebook) -> None:
        """Write annotations to ``target``, a file or folder that does not exist yet.

        Raises:
            FaultsError: what the format cannot carry.
        """
