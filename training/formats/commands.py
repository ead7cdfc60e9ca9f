"""``frameline annotations import`` and ``frameline annotations export``."""

from collections.abc import Sequence
from pathlib import Path

import click

from model.annotation import read_annotations
from model.codebook import Codebook
from model.errors import FaultsError
from training.formats.csv_table import CsvTable
from training.formats.intake import Intake
from training.formats.json_lines import JsonLines
from training.formats.registry import NAMES, get_format, read_formats
from training.options import PATHS, check_free, codebook_option
from training.table_columns import Columns

_LIST = "\b\nFormats:\n" + "\n".join(f"  {name:<16}{get_format(name).summary}" for name in NAMES)


@click.command(
    "import",
    epilog=f"{_LIST}\n\n\b\nExample:\n  frameline annotations import ana.jsonl --annotator ana --out in.jsonl",
)
@click.argument("paths", type=PATHS, nargs=-1, required=True, metavar="FILE|FOLDER...")
@click.option(
    "--format",
    "name",
    type=click.Choice(["auto", *NAMES]),
    default="auto",
    show_default=True,
    help="One of those below; auto: by name and content of each file.",
)
@click.option("--out", type=PATHS, required=True, help="Where to write Frameline's JSON Lines; a new file.")
@click.option("--annotator", help="Who annotated, in place of what the files say.")
@click.option("--origin", help="Where the sentences come from, in place of what the files say.")
@click.option("--text-column", help="A table's column with the texts. [default: text or sentence]")
@click.option(
    "--label-column",
    "labels",
    multiple=True,
    help="Its column with labels, or several with 1 and 0. [default: label, labels, frame or frames, where no frame "
    "has a column]",
)
@click.option("--document-column", help="Its column with what a text comes from. [default: document]")
@click.option("--annotator-column", help="Its column with who annotated. [default: annotator]")
@codebook_option
def import_(
    paths: Sequence[Path],
    name: str,
    out: Path,
    annotator: str | None,
    origin: str | None,
    text_column: str | None,
    labels: tuple[str, ...],
    document_column: str | None,
    annotator_column: str | None,
    codebook: Path,
) -> None:
    """Read annotations of other tools and write them as Frameline's JSON Lines.

    Names file, line and field of every fault at once; nothing is written then, nor where there is no sentence.
    """
    schema = Codebook.load(codebook)
    check_free(out)
    columns = Columns(text=text_column, labels=labels, document=document_column, annotator=annotator_column)
    if columns != Columns():
        if name not in ("auto", CsvTable.name):
            raise click.UsageError(f"--format {name} has no columns; leave out the options that name some")
        name = CsvTable.name
    intake = Intake(schema, annotator, origin, columns)
    formats = read_formats(paths, None if name == "auto" else name, intake)
    try:
        found = intake.finish()
    except FaultsError as error:
        count = len(error.faults)
        raise FaultsError([*error.faults, f"{count} fault{'' if count == 1 else 's'}; nothing was written"]) from None
    for note, count in intake.notes.items():
        click.echo(f"note: {note} ({count} times)" if count > 1 else f"note: {note}", err=True)
    if not found:
        raise FaultsError([f"{', '.join(map(str, paths))}: no annotated sentence there; nothing was written"])
    JsonLines().write(found, out, schema)
    mentions = sum(len(annotation.actors) for annotation in found)
    click.echo(f"{out}: {len(found)} annotated sentences with {mentions} actor mentions, from {', '.join(formats)}")


@click.command(
    epilog=f"{_LIST}\n\n\b\nExample:\n  frameline annotations export corrected.jsonl --format doccano --out tasks.jsonl"
)
@click.argument("paths", type=PATHS, nargs=-1, required=True, metavar="FILE...")
@click.option("--format", "name", type=click.Choice(NAMES), required=True, help="One of those below.")
@click.option("--out", type=PATHS, required=True, metavar="FILE|FOLDER", help="Where to write; a new file or folder.")
@codebook_option
def export(paths: Sequence[Path], name: str, out: Path, codebook: Path) -> None:
    """Write annotations (Frameline's JSON Lines) in the format of another tool."""
    schema = Codebook.load(codebook)
    check_free(out)
    annotations = read_annotations(paths, schema)
    get_format(name).write(annotations, out, schema)
    click.echo(f"{out}: {len(annotations)} annotated sentences as {name}")
