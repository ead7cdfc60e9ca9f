"""``frameline serve``: the REST service from the command line."""

import os
import shlex
import sys
from pathlib import Path

import click

from service.app import create_app
from service.host import bind, url
from service.log_output import configure_logging
from service.model_source import ModelSource
from service.server import Server
from service.settings import read_settings

#: Seconds after which a thread is asked for the interpreter that another waits for; with Python's 0.005 the threads
#: that label stand still for a quarter of the time while the one that talks to clients is busy.
_SWITCH = 0.0005
EXAMPLE = Path(__file__).parent / "example.json"


@click.command(epilog="Every option can also come from the environment, as FRAMELINE_PORT and so on.")
@click.option("--host", help="Address to listen on; default: 127.0.0.1. Any other than loopback needs keys.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; default: 8000.")
@click.option("--checkpoint", type=click.Path(path_type=Path), help="A checkpoint's folder.")
@click.option("--codebook", type=click.Path(path_type=Path), help="A codebook with further actors.")
@click.option(
    "--registry", type=click.Path(path_type=Path), help="Serve what this registry (`frameline models`) has in service."
)
@click.option("--threads", type=click.IntRange(min=1), help="Sentences at a time; default: one a core.")
def serve(
    host: str | None,
    port: int | None,
    checkpoint: Path | None,
    codebook: Path | None,
    registry: Path | None,
    threads: int | None,
) -> None:
    """Answer POST /v1/classify and show the API's documentation at /docs."""
    settings = read_settings(
        host=host, port=port, checkpoint=checkpoint, codebook=codebook, registry=registry, threads=threads
    )
    configure_logging(settings.log_format, settings.log_level)
    served = ModelSource(settings).describe_first()
    app = create_app(settings)
    sockets = bind(settings.host, settings.port)
    address = url(settings.host, sockets[0].getsockname()[1])
    example = shlex.quote(os.path.relpath(EXAMPLE))
    key = "-H 'Authorization: Bearer YOUR-KEY' " if settings.needs_keys else ""

    def tell() -> None:
        click.echo(f"Frameline, {served}: {address}/ (API: {address}/docs)")
        click.echo("Label the example article with:")
        click.echo(f"  curl -s {address}/v1/classify {key}-H 'Content-Type: application/json' -d @{example}")

    sys.setswitchinterval(_SWITCH)
    Server(app, settings.drain_seconds, tell).run(sockets)
