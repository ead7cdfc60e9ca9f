"""``frameline report``."""

from pathlib import Path

import click
from rich.console import Console

from model.codebook import Codebook
from service.archive_report.report import Columns, write_report

_paths = click.Path(path_type=Path)


@click.command(epilog="Example: frameline report scores --out report.html --date-column published")
@click.argument("folder", metavar="DIR", type=_paths)
@click.option("--out", type=_paths, metavar="FILE.html", help="The page. [default: DIR/report.html]")
@click.option("--data", type=_paths, metavar="FOLDER", help="For CSV files. [default: report-data beside the page]")
@click.option("--date-column", metavar="NAME", help="When a document appeared. [default: found by its name]")
@click.option("--outlet-column", metavar="NAME", help="Where a document appeared. [default: found by its name]")
@click.option(
    "--codebook",
    type=_paths,
    metavar="FILE",
    help="Names of actors. [default: that by which it was scored, else the shipped one]",
)
def report(
    folder: Path,
    out: Path | None,
    data: Path | None,
    date_column: str | None,
    outlet_column: str | None,
    codebook: Path | None,
) -> None:
    """Turn the tables that `frameline score` wrote to DIR into one page that can be read offline.

    The page shows frames over time and by outlet, how actors are treated and by whom, which actors stand in which
    frame, typical sentences, and what was set aside. The figures behind every plot are written as CSV files. An older
    report is replaced; any other file is left alone.
    """
    page = folder / "report.html" if out is None else out
    figures = page.parent / "report-data" if data is None else data
    names = None if codebook is None else Codebook.load(codebook)
    console = Console(stderr=True)
    with console.status("Counting …"):
        write_report(folder, page, figures, Columns(date_column, outlet_column), names)
    click.echo(f"{page}: open it in a browser; the figures behind its plots are in {figures}")
