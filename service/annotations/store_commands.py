"""``frameline store``: the corrections, without a running service."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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
    """Get corrections out, or remove some for good; the `frameline serve` that keeps them may run meanwhile."""


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
    query = _query(annotator=annotator, document=document, since=None if since is None else since.replace(tzinfo=UTC))
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


@store.command(
    epilog="\b\nExamples:\n  frameline store forget --document harbour-talks"
    "\n  frameline store forget --annotator Ada --yes"
)
@click.option("--document", help="What was said of this document's sentences, with their texts.")
@click.option("--annotator", help="What this one said; with --document, of that document alone.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(document: str | None, annotator: str | None, yes: bool) -> None:
    """Remove annotations for good, with every version of them: texts and names that must not be kept.

    Withdrawing keeps what was said before; this keeps nothing in the database. Back-ups, files that were exported and
    models that have learned from them stay as they are.
    """
    from service.annotations.store import Store

    if document is None and annotator is None:
        raise click.UsageError("say of what: --document ID, --annotator NAME, or both")
    query = _query(document=document, annotator=annotator)
    url = read_settings().database_url
    _check_there(url)
    opened = Store.open(url)
    try:
        matter = opened.find_matter(query)
        if matter.versions == 0:
            raise FramelineError("nothing of that is kept; `frameline store export` shows documents and annotators")
        said = f"{_count(matter.versions, 'version')} of {_count(matter.sentences, 'sentence')}"
        if not yes:
            click.confirm(f"Remove {said} for good?", abort=True)
        is_gone = opened.forget(query)
    finally:
        opened.close()
    click.echo(f"{said} removed")
    if not is_gone:
        click.echo("Somebody reads the database: its log (-wal) keeps copies until it is written anew.", err=True)


def _query(**given: Any) -> Query:
    """What is asked for.

    Raises:
        InputError: a name cannot be one.
    """
    try:
        return Query(**given)
    except ValidationError as error:
        raise InputError("", "; ".join(describe(error))) from None


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _check_there(url: str) -> None:
    """Check that there is a database, since opening one in a file makes it."""
    file = Path(url.removeprefix(_SQLITE))
    if url.startswith(_SQLITE + "file:") or not url.startswith(_SQLITE) or file.exists():
        return
    raise FramelineError(f"{file} is not there: nothing was corrected yet, or FRAMELINE_DATABASE names another place")
