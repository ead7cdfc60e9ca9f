"""``frameline annotations``: validate, hydrate and describe, and the commands that other modules define."""

from itertools import chain
from pathlib import Path

import click

from model.annotation import read_annotations
from model.annotation_files import files_below, given_once, is_standoff
from model.articles import ARTICLES_FILE, read_articles
from model.codebook import Codebook
from model.errors import FaultsError
from model.standoff import hydrate as join
from model.standoff import read_standoff
from training.agreement_commands import adjudicate, agreement
from training.annotation_folders import check_folders
from training.description import describe_annotations
from training.formats.commands import export, import_
from training.hold_out_command import hold_out
from training.options import FOLDER, PATHS, check_unread, check_writable, codebook_option
from training.suggestion_commands import estimate, suggest


@click.group()
def annotations() -> None:
    """Check and describe annotated sentences, and bring them in and out."""


annotations.add_command(import_)
annotations.add_command(export)
annotations.add_command(hold_out)
annotations.add_command(agreement)
annotations.add_command(adjudicate)
annotations.add_command(suggest)
annotations.add_command(estimate)


@annotations.command()
@click.argument("paths", type=PATHS, nargs=-1)
@codebook_option
def validate(paths: tuple[Path, ...], codebook: Path) -> None:
    """Check annotation files and folders (by default data/annotations) against the codebook.

    Names file, line and field of every fault at once, and then exits with code 2.
    """
    schema = Codebook.load(codebook)
    chosen = paths or (FOLDER,)
    found = [files_below(path) for path in chosen]
    files = given_once(chain.from_iterable(found))
    faults = [f"{path}: no JSON Lines files there" for path, below in zip(chosen, found, strict=True) if not below]
    names: list[str] = []
    articles = 0
    with_text = [file for file in files if not is_standoff(file)]
    without = [file for file in files if file not in with_text]
    for read, some in ((read_annotations, with_text), (read_standoff, without)):
        try:
            names += [annotation.id for annotation in read(some, schema)]
        except FaultsError as error:
            faults += error.faults
    for file in files:
        if file.name != ARTICLES_FILE:
            continue
        try:
            articles += len(read_articles(file))
        except FaultsError as error:
            faults += error.faults
    faults += check_folders(files)
    if not faults and not names and not articles:
        faults.append(f"{', '.join(map(str, files))}: no annotated sentence there")
    if faults:
        raise FaultsError([*faults, f"{_count(len(faults), 'fault')} in {_count(len(files), 'file')}"])
    labelled = f"{_count(len(names), 'annotation')} of {_count(len({*names}), 'sentence')}"
    described = f", {_count(articles, 'article')} described" if articles else ""
    click.echo(f"{_count(len(files), 'file')}: {labelled}{described}; no faults")


def _count(number: int, noun: str) -> str:
    """A number of things in words, such as ``1 file`` and ``1,014 articles``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@annotations.command()
@click.argument("file", type=PATHS)
@click.option(
    "--corpus",
    type=PATHS,
    required=True,
    help="Your copy of the corpus, of id and text: JSON Lines, CSV, a JSON array or a folder of such arrays.",
)
@click.option("--out", type=PATHS, required=True, help="Where to write the annotations with their text.")
@codebook_option
def hydrate(file: Path, corpus: Path, out: Path, codebook: Path) -> None:
    """Join the stand-off annotations in FILE with your own copy of their corpus.

    Says what your copy lacks; fails where a sentence in it is not the one that was annotated.
    """
    check_unread([file, corpus, codebook], out)
    check_writable(out)
    schema = Codebook.load(codebook)
    standoffs = read_standoff([file], schema)
    joined = join(standoffs, corpus, schema)
    if standoffs and not joined.annotations:
        raise FaultsError(
            [
                f"{corpus}: has none of the {len(joined.missing)} sentences' documents, such as "
                f"{standoffs[0].corpus_document!r}; is it a copy of {standoffs[0].corpus}?"
            ]
        )
    lines = [annotation.model_dump_json(exclude_defaults=True) + "\n" for annotation in joined.annotations]
    out.write_text("".join(lines), encoding="utf-8")
    click.echo(f"{out}: {len(lines)} annotations; {len(joined.missing)} missing from {corpus}")
    for name in joined.missing:
        click.echo(f"missing: {name}")


@annotations.command()
@click.argument("paths", type=PATHS, nargs=-1)
@codebook_option
def describe(paths: tuple[Path, ...], codebook: Path) -> None:
    """Counts, variety and near duplicates of annotated sentences (by default data/annotations/authored.jsonl)."""
    schema = Codebook.load(codebook)
    chosen = paths or (FOLDER / "authored.jsonl",)
    file = FOLDER / ARTICLES_FILE
    articles = read_articles(file) if file.is_file() else []
    found = describe_annotations(read_annotations(chosen, schema), articles, schema)
    for name, value in found.model_dump().items():
        heading = name.replace("_", " ")
        if isinstance(value, dict):
            value = ", ".join(f"{key} {count}" for key, count in value.items())
        click.echo(f"{heading}: {value:.4f}" if isinstance(value, float) else f"{heading}: {value}")
