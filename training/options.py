"""Options that the commands on annotations share."""

from pathlib import Path

import click

from model.checkpoint import CODEBOOK, DEFAULT
from model.errors import FaultsError

FOLDER = Path("data/annotations")
PATHS = click.Path(path_type=Path)


def usual_codebook() -> Path:
    """The codebook of the annotations in the working folder; where there is none, that of the checkpoint that ships."""
    file = FOLDER / CODEBOOK
    return file if file.is_file() else DEFAULT / CODEBOOK


codebook_option = click.option(
    "--codebook",
    type=PATHS,
    default=usual_codebook,
    show_default=f"{FOLDER / CODEBOOK}, or the one that ships",
    help="The labelling schema.",
)


def check_free(*targets: Path) -> None:
    """Check that nothing would be overwritten.

    Raises:
        FaultsError: every target that is there already; an empty folder is none.
    """
    taken = [target for target in targets if target.exists() and not (target.is_dir() and not any(target.iterdir()))]
    if taken:
        raise FaultsError([f"{target}: is there already; move it away, or give --out another name" for target in taken])
