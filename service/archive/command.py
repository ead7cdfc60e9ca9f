"""``frameline score``: label an archive of documents and write tables."""

import logging
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

import click
import pyarrow  # noqa: F401 - the message about a missing extra comes before all work

from model.checkpoint import DEFAULT
from model.errors import FramelineError
from service.archive.article import Columns
from service.archive.display import make_display
from service.archive.engine import Engine
from service.archive.errors import StoppedError
from service.archive.folder import open_folder
from service.archive.local import LocalEngine
from service.archive.options import ScoreOptions
from service.archive.scoring import Outcome
from service.archive.scoring import score as score_archive
from service.archive.summary import summarise

_WRONG, _STOPPED, _SET_ASIDE, _INTERRUPTED = 2, 1, 3, 130


@click.command(
    epilog="Example: frameline score news.jsonl.gz crawl/ 's3://bucket/2024-*.csv' --text-column body --out scored. "
    "What was interrupted goes on when the same command is given again. Exit codes: 0 done, 1 the run stopped (a full "
    "disk, a worker that keeps dying) and the same command goes on, 2 wrong input or arguments, 3 done, but everything "
    "was set aside, or something and --strict was given, 130 interrupted."
)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--out", required=True, metavar="DIR", help="The folder of the tables; a path or an fsspec URL.")
@click.option("--text-column", default="text", show_default=True, help="The column (field) of the text.")
@click.option("--id-column", default="id", show_default=True, help="The column of the document's id.")
@click.option(
    "--actors-column", default="actors", show_default=True, help="The column of the mentions to judge, where given."
)
@click.option("--language", metavar="CODE", help="Label documents in this language. Default: the codebook's.")
@click.option("--any-language", is_flag=True, help="Label documents whatever their language.")
@click.option("--no-text", is_flag=True, help="Leave the sentences' text out of their table.")
@click.option(
    "--checkpoint",
    "model",
    default=str(DEFAULT),
    metavar="FOLDER",
    help="A checkpoint's folder. Default: the shipped one.",
)
@click.option("--codebook", metavar="FILE", help="A codebook with further actors.")
@click.option("--model-version", hidden=True)  # what a service that scores jobs calls it
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="A trial: stop after the first N documents. The same command without it goes on from there.",
)
@click.option(
    "--workers", type=click.IntRange(min=1), help="Processes; default: one a core, with ray one for each of its CPUs."
)
@click.option(
    "--engine",
    "engine_name",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="What the processes run on: this machine, or a Ray cluster.",
)
@click.option(
    "--ray-address",
    metavar="ADDRESS",
    envvar="RAY_ADDRESS",
    show_envvar=True,
    help="The cluster of --engine ray: 'auto' or HOST:PORT. Default: one on this machine, for the run only.",
)
@click.option(
    "--progress",
    type=click.Choice(["bar", "json", "quiet"]),
    default="bar",
    show_default=True,
    help="json prints one object a line on standard error.",
)
@click.option("--strict", is_flag=True, help="Exit with code 3 if anything was set aside.")
def score(
    inputs: tuple[str, ...],
    out: str,
    text_column: str,
    id_column: str,
    actors_column: str,
    language: str | None,
    any_language: bool,
    no_text: bool,
    model: str,
    codebook: str | None,
    model_version: str | None,
    limit: int | None,
    workers: int | None,
    engine_name: str,
    ray_address: str | None,
    progress: str,
    strict: bool,
) -> None:
    """Label the documents of an archive and write two tables: their sentences, and the stances in them.

    An INPUT is a file, a folder, a glob, or a URL of either that fsspec opens: JSON Lines, CSV, TSV, Parquet, Arrow,
    text, HTML and WARC, most also as .gz or .zst. What cannot be read is set aside with its place and reason.
    """
    if language is not None and any_language:
        raise click.UsageError("--language and --any-language exclude each other")
    options = ScoreOptions(
        columns=Columns(text=text_column, id=id_column, actors=actors_column),
        language=language,
        any_language=any_language,
        keep_text=not no_text,
        model=model,
        codebook=codebook,
        version=model_version,
    )
    engine = LocalEngine(workers) if engine_name == "local" else _ray_engine(workers, ray_address)
    outcome = _run(inputs, out, options, engine, limit, progress)
    if progress == "bar":
        if not outcome.fresh:
            click.echo(f"{out} was finished already; nothing is left to do.")
        for line in summarise(outcome.counts, open_folder(out), outcome.paused):
            click.echo(line)
    if outcome.counts.rejected and not outcome.counts.documents:
        _stop("nothing was labelled, since everything was set aside", _SET_ASIDE, progress)
    if strict and outcome.counts.rejected:
        sys.exit(_SET_ASIDE)


def _ray_engine(workers: int | None, address: str | None) -> Engine:
    try:
        from service.archive.ray_engine import RayEngine
    except ModuleNotFoundError as error:
        raise FramelineError(
            f"--engine ray needs the package {error.name!r}: install the 'ray' extra (pip install 'frameline[ray]')"
        ) from None
    return RayEngine(workers, address)


def _run(
    inputs: Sequence[str], out: str, options: ScoreOptions, engine: Engine, limit: int | None, progress: str
) -> Outcome:
    """Score, and turn what stops it into exit codes; with ``--progress json`` the last event has said why."""
    if progress != "bar":
        logging.getLogger(__package__).addHandler(logging.NullHandler())  # no notices between the lines of JSON
    try:
        with _terminable(), make_display(progress) as display:
            return score_archive(inputs, out, options, engine=engine, limit=limit, on_progress=display)
    except KeyboardInterrupt:
        _stop("interrupted; what is finished is kept, and the same command goes on", _INTERRUPTED, progress)
    except StoppedError as error:
        _stop(str(error), _STOPPED, progress)
    except FramelineError as error:
        if progress != "json":
            raise
        _stop(str(error), _WRONG, progress)


def _stop(message: str, code: int, progress: str) -> NoReturn:
    if progress != "json":
        for line in message.splitlines():
            click.echo(f"frameline: {line}", err=True)
    sys.exit(code)


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM ends the run as Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> Any:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
