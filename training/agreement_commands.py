"""``frameline annotations agreement`` and ``frameline annotations adjudicate``."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from model.annotation import NOBODY
from model.annotation_files import RECORD_SUFFIX, annotation_files
from model.articles import ARTICLES_FILE, read_articles
from model.checkpoint import digest
from model.codebook import Codebook
from training.adjudication import adjudicate as decide
from training.agreement import Agreement, agreements, writer_agreements
from training.figures_table import figures_table
from training.formats.json_lines import JsonLines
from training.formats.lines import write_objects
from training.options import FOLDER, PATHS, check_free, check_unread, check_writable, codebook_option
from training.raters import read_ratings, shared
from training.worksheet import read_worksheet, write_worksheet

_by = click.option(
    "--by",
    type=click.Choice(["auto", "annotator", "file"]),
    default="auto",
    show_default=True,
    help="What a rater is; auto: a file, where there are several and each has every sentence once, else an annotator.",
)


@click.command(epilog="\b\nExample:\n  frameline annotations agreement ana.jsonl ben.jsonl --conflicts conflicts.csv")
@click.argument("paths", type=PATHS, nargs=-1, metavar="[FILE|FOLDER...]")
@_by
@click.option(
    "--conflicts", type=PATHS, help="Write what the raters differ on as a worksheet, .csv or .jsonl; a new file."
)
@click.option("--json", "json_file", type=PATHS, help="Write the figures as JSON, too.")
@codebook_option
def agreement(paths: Sequence[Path], by: str, conflicts: Path | None, json_file: Path | None, codebook: Path) -> None:
    """Agreement of annotators, or of passes: Krippendorff's alpha and F1 for each label.

    Every two raters are compared, each figure with its 95 % interval (bootstrap over documents). Without files, the
    two passes of the project's own annotations are compared, and then once more those sentences that two annotators
    labelled, and those of which one pass is the writer's own labels.
    """
    if conflicts is not None:
        check_free(conflicts)
    check_unread([*paths, codebook], json_file)
    check_writable(conflicts, json_file)
    schema = Codebook.load(codebook)
    chosen = paths or (FOLDER / "passes" / "first.jsonl", FOLDER / "passes" / "second.jsonl")
    ratings = read_ratings(chosen, by, schema, with_text=conflicts is not None)
    rows = agreements(ratings, schema)
    if not paths and (FOLDER / ARTICLES_FILE).is_file():
        writers = {article.document: f"w{article.writer}" for article in read_articles(FOLDER / ARTICLES_FILE)}
        rows += writer_agreements(ratings, writers, schema)
    console = Console(highlight=False)
    for raters in dict.fromkeys(row.raters for row in rows):
        console.print(_table(console, raters, [row for row in rows if row.raters == raters]))
    if json_file is not None:
        json_file.write_text(json.dumps([row.model_dump() for row in rows], indent=2) + "\n", encoding="utf-8")
    if conflicts is not None:
        count = write_worksheet(conflicts, shared(ratings), schema)
        click.echo(f"{conflicts}: {count} conflicts in {len(shared(ratings))} sentences; fill in the column decision")


@click.command(
    epilog="\b\nExample:\n  frameline annotations adjudicate conflicts.csv --annotations ana.jsonl \\\n"
    "      --annotations ben.jsonl --adjudicator carla --out adjudicated.jsonl"
)
@click.argument("worksheet", type=PATHS)
@click.option("--annotations", "paths", type=PATHS, multiple=True, required=True, help="The files that were compared.")
@click.option("--adjudicator", required=True, help="Who decided; becomes the annotator.")
@click.option("--out", type=PATHS, required=True, help="Where to write the annotations; the record goes beside it.")
@_by
@codebook_option
def adjudicate(worksheet: Path, paths: Sequence[Path], adjudicator: str, out: Path, by: str, codebook: Path) -> None:
    """Put together what annotators agree on and what the filled WORKSHEET decides.

    A decision is a rater's name, yes or no for a frame; a rater's name, a stance, none, undecided, or START-END STANCE
    (ACTOR) for a mention. Who decided what, and from what, is written to OUT with .record.jsonl as its ending.
    """
    if adjudicator.strip() in ("", NOBODY):
        raise click.UsageError(f"--adjudicator: {adjudicator!r} is nobody's name; say who decided")
    record = out.with_suffix(RECORD_SUFFIX)
    check_free(out, record)
    schema = Codebook.load(codebook)
    ratings = read_ratings(paths, by, schema, with_text=True)
    sentences = shared(ratings)
    outcome = decide(worksheet, read_worksheet(worksheet, schema), sentences, schema, adjudicator, datetime.now(UTC))
    JsonLines().write(outcome.annotations, out, schema)
    sources = {str(file): digest(file) for file in (worksheet, *annotation_files(paths))}
    write_objects(record, ({**one.model_dump(mode="json"), "sources": sources} for one in outcome.records))
    decided = sum(len(one.decisions) for one in outcome.records)
    click.echo(f"{out}: {len(outcome.annotations)} sentences, {decided} conflicts decided by {adjudicator}")
    click.echo(f"{record}: who decided what, and from what")
    alone = Counter(rater for rater, rows in ratings.items() for name in rows if name not in sentences)
    for rater, count in alone.items():
        click.echo(f"note: {count} sentences that {rater} alone rated are left out", err=True)


def _table(console: Console, raters: Sequence[str], rows: Sequence[Agreement]) -> Table:
    headings = ("Label", "Krippendorff's alpha", *(("F1",) if len(raters) == 2 else ()), "Units")
    table = figures_table(console, escape(" and ".join(raters)), headings, SIMPLE_HEAD)
    for row in rows:
        alpha, f1 = _cell(row.alpha, row.alpha_low, row.alpha_high), _cell(row.f1, row.f1_low, row.f1_high)
        table.add_row(row.label, *((alpha, f1) if len(raters) == 2 else (alpha,)), str(row.units))
    return table


def _cell(value: float | None, low: float | None, high: float | None) -> str:
    """A figure with its interval, where it has one."""
    if value is None:
        return "–"
    return f"{value:.3f}" if low is None or high is None else f"{value:.3f} ({low:.3f}–{high:.3f})"
