"""``frameline openapi``: the service's description, without a service."""

import json

import click

from service.app import create_app
from service.settings import ServiceSettings


@click.command()
def openapi() -> None:
    """Write the description of the REST service (OpenAPI) to standard output."""
    click.echo(json.dumps(create_app(ServiceSettings()).openapi(), indent=2, ensure_ascii=False))
