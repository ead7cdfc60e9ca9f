"""``frameline codebook``: check it, and bring its states up to date."""

from collections import Counter
from pathlib import Path

import click

from model.codebook import Codebook

_file = click.argument("file", type=click.Path(path_type=Path), default=Path("data/annotations/codebook.yaml"))


@click.group()
def codebook() -> None:
    """Look after a codebook."""


@codebook.command()
@_file
def validate(file: Path) -> None:
    """Check a codebook and say what it holds."""
    found = Codebook.load(file)
    kinds = Counter(actor.kind for actor in found.actors)
    click.echo(f"{file}: {found.label}")
    click.echo(f"frames: {', '.join(found.frame_ids)}")
    click.echo(f"stances: {', '.join(found.stance_ids)}")
    click.echo(f"actors: {', '.join(f'{count} of kind {kind}' for kind, count in kinds.most_common())}")


@codebook.command()
@_file
def states(file: Path) -> None:
    """Write the states that the country libraries know, with their forms; those added by hand stay."""
    from training.states import write_states

    click.echo(f"{file}: {write_states(file)} states")
