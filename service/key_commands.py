"""``frameline keys``: who may use the service."""

from datetime import UTC, datetime

import click

from service.key_file import KeyFile
from service.settings import read_settings


@click.group(epilog="The keys are kept in FRAMELINE_KEYS_FILE; by default in your own configuration folder.")
def keys() -> None:
    """Make, list and revoke the keys of `frameline serve`; a running service notices."""


@keys.command()
@click.option("--name", default="", help="Whose key it is; the service's records name it.")
def create(name: str) -> None:
    """Make a key and print it, this once."""
    file = _file()
    made, key = file.create(name)
    click.echo(key)
    click.echo(
        f"This is key {made.id}. Keep it: {file.path} holds only its hash, and nothing shows it again.", err=True
    )


@keys.command(name="list")
def list_() -> None:
    """Show every key's id, its dates and its name."""
    known = _file().read()
    if not known:
        click.echo("There are no keys; `frameline keys create` makes one.", err=True)
        return
    click.echo(f"{'id':8}  {'created':20}  {'revoked':20}  name")
    for key in known:
        click.echo(f"{key.id:8}  {_show(key.created):20}  {_show(key.revoked):20}  {key.name}".rstrip())


@keys.command()
@click.argument("key_id", metavar="ID")
def revoke(key_id: str) -> None:
    """Refuse a key from now on."""
    key = _file().revoke(key_id)
    click.echo(f"Key {key.id} is revoked since {_show(key.revoked)}.")


def _show(date: datetime | None) -> str:
    return "" if date is None else f"{date.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _file() -> KeyFile:
    return KeyFile(read_settings().keys_file)
