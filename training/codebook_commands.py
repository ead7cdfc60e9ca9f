"""``frameline codebook``: check it, and bring its states up to date."""

from collections import Counter
from pathlib import Path

import click

from model.codebook import Codebook
from model.errors import FramelineError

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


@codebook.command("label-studio", epilog="Example: frameline codebook label-studio --out label-studio.xml")
@click.option(
    "--codebook",
    "file",
    type=click.Path(path_type=Path),
    default=Path("data/annotations/codebook.yaml"),
    show_default=True,
    help="The codebook.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Where to write it; default: standard output.")
def label_studio(file: Path, out: Path | None) -> None:
    """Write the labelling configuration of a Label Studio project that annotates by the codebook.

    Paste it in Label Studio under Settings, Labeling Interface, Code.
    """
    from training.label_studio_config import labelling_config

    config = labelling_config(Codebook.load(file))
    if out is None:
        click.echo(config, nl=False)
        return
    try:
        with out.open("x", encoding="utf-8") as stream:
            stream.write(config)
    except FileExistsError:
        raise FramelineError(f"{out}: exists already; give another name, or move it away first") from None
    click.echo(f"{out}: the labelling configuration; paste it in Label Studio under Settings, Labeling Interface, Code")
