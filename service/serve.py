"""``frameline serve``: the REST service from the command line."""

import os
import shlex
from pathlib import Path

import click
from pydantic import ValidationError

from model.checkpoint import Checkpoint
from model.codebook import Codebook, describe
from model.errors import FramelineError
from service.app import create_app
from service.log_output import configure_logging
from service.server import Server
from service.settings import ServiceSettings

EXAMPLE = Path(__file__).parent / "example.json"


@click.command(epilog="Every option can also come from the environment, as FRAMELINE_PORT and so on.")
@click.option("--host", default="127.0.0.1", show_default=True, envvar="FRAMELINE_HOST", help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    envvar="FRAMELINE_PORT",
    type=click.IntRange(0, 65535),
    help="Port to listen on.",
)
@click.option("--checkpoint", type=click.Path(path_type=Path), help="A checkpoint's folder.")
@click.option("--codebook", type=click.Path(path_type=Path), help="A codebook with further actors.")
@click.option("--threads", type=click.IntRange(min=1), help="Sentences at a time; default: one a core.")
def serve(host: str, port: int, checkpoint: Path | None, codebook: Path | None, threads: int | None) -> None:
    """Answer POST /v1/classify and show the API's documentation at /docs."""
    given = {"checkpoint": checkpoint, "codebook": codebook, "threads": threads}
    try:
        settings = ServiceSettings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        faults = [line.split(": ", 1) for line in describe(error)]
        raise FramelineError("\n".join(f"FRAMELINE_{name.upper()}: {fault}" for name, fault in faults)) from None
    configure_logging(settings.log_format, settings.log_level)
    opened = Checkpoint.open(settings.checkpoint)
    if settings.codebook is not None:
        Codebook.load(settings.codebook).check_labels(opened.codebook)
    address = f"http://{host}:{port}"
    click.echo(f"Frameline, {opened.config.name} {opened.config.version}: {address}/docs")
    click.echo("Label the example article with:")
    example = shlex.quote(os.path.relpath(EXAMPLE))
    click.echo(f"  curl -s {address}/v1/classify -H 'Content-Type: application/json' -d @{example}")
    Server(create_app(settings), host, port, settings.drain_seconds).run()
