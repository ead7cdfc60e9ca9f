"""Options that the commands on annotations share."""

from pathlib import Path

import click

from model.errors import FaultsError

FOLDER = Path("data/annotations")
PATHS = click.Path(path_type=Path)
codebook_option = click.option(
    "--codebook", type=PATHS, default=FOLDER / "codebook.yaml", show_default=True, help="The labelling schema."
)


def check_free(*targets: Path) -> None:
    """Check that nothing would be overwritten.

    Raises:
        FaultsError: every target that is there already; an empty folder is none.
    """
    taken = [target for target in targets if target.exists() and not (target.is_dir() and not any(target.iterdir()))]
    if taken:
        raise FaultsError([f"{target}: is there already; move it away, or give --out another name" for target in taken])
