"""``frameline store``: the corrections, without a running service."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click
from pydantic import ValidationError

from model.errors import FramelineError, InputError
from model.faults import describe
from service.annotations.export import lines_of
from service.annotations.query import Query
from service.settings import read_settings

_SQLITE = "sqlite:///"


@click.group(epilog="The corrections are in FRAMELINE_DATABASE; by default in annotations.db beside the keys.")
def store() -> None:
    """Get the corrections out that people made on the page of `frameline serve`, which may run meanwhile."""


@store.command(
    epilog="\b\nExample:\n  frameline store export --out mine.jsonl"
    "\n  frameline annotations hold-out mine.jsonl --out kept.jsonl"
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="A file that is not there.")
@click.option("--annotator", help="Only what this one said.")
@click.option("--document", help="Only sentences of this document.")
@click.option("--since", type=click.DateTime(), help="Only what was said at this time (UTC) or later.")
def export(out: Path, annotator: str | None, document: str | None, since: datetime | None) -> None:
    """Write each annotator's latest annotation of every sentence as JSON Lines, as `frameline train` reads them."""
    from service.annotations.store import Store

    url = read_settings().database_url
    _check_there(url)
    if out.exists():
        raise InputError("--out", f"{out} is there already; name another file, nothing is overwritten")
    when = None if since is None else since.replace(tzinfo=UTC)
    try:
        query = Query(annotator=annotator, document=document, since=when)
    except ValidationError as error:
        raise InputError("", "; ".join(describe(error))) from None
    opened = Store.open(url)
    written = 0
    temporary = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with temporary.open("xb") as file:
            for versions in opened.lines(query):
                file.write(lines_of(versions))
                written += len(versions)
        temporary.rename(out)
    finally:
        temporary.unlink(missing_ok=True)
        opened.close()
    click.echo(f"{out}: {written} annotations")
    click.echo(f"Next: frameline annotations hold-out {out} --out KEPT.jsonl", err=True)


def _check_there(url: str) -> None:
    """Check that there is a database, since opening one in a file makes it."""
    file = Path(url.removeprefix(_SQLITE))
    if url.startswith(_SQLITE + "file:") or not url.startswith(_SQLITE) or file.exists():
        return
    raise FramelineError(f"{file} is not there: nothing was corrected yet, or FRAMELINE_DATABASE names another place")
