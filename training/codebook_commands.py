"""``frameline codebook``: make one, check it, and bring its states up to date."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import click

from model.codebook import Codebook, FrameChoice
from model.errors import CodebookError, FramelineError
from training.codebook_writing import Label, identifier, usual_stances, write_codebook
from training.frame_names import fold
from training.labelled_table import read_rows
from training.model_options import needing
from training.options import PATHS, check_writable, codebook_option
from training.table_columns import Columns

_file = click.argument("file", type=PATHS, default=Path("data/annotations/codebook.yaml"))
#: Labels, folded, that mostly mean that a text has none; R writes NA for what is missing.
_NOTHING = ("none", "na", "n a", "nan", "null", "no frame")


@click.group()
def codebook() -> None:
    """Make a codebook and look after it."""


@codebook.command(
    epilog="Example: frameline codebook new --from labelled.csv --out codebook.yaml",
)
@click.option("--out", type=PATHS, default=Path("codebook.yaml"), show_default=True, help="The file to write.")
@click.option("--name", help="The codebook's name. [default: that of the file of --from, or of the folder]")
@click.option("--frame", "frames", multiple=True, metavar="NAME[: DEFINITION]", help="A frame; give one after another.")
@click.option("--stance", "stances", multiple=True, metavar="NAME[: DEFINITION]", help="A stance, two at least.")
@click.option("--from", "table", type=PATHS, metavar="FILE.csv", help="Propose frames from the labels in a table.")
@click.option("--text-column", help="The column with the texts. [default: text or sentence]")
@click.option("--label-column", "labels", multiple=True, help="The column with labels, or several with 1 and 0.")
@click.option("--frames-per-sentence", type=click.Choice(get_args(FrameChoice)), help="[default: any, or as in --from]")
@click.option("--language", default="en", show_default=True, help="The language of the texts.")
@click.option("--with-states", is_flag=True, help="Put in the states and actors of the shipped codebook.")
def new(
    out: Path,
    name: str | None,
    frames: tuple[str, ...],
    stances: tuple[str, ...],
    table: Path | None,
    text_column: str | None,
    labels: tuple[str, ...],
    frames_per_sentence: FrameChoice | None,
    language: str,
    with_states: bool,
) -> None:
    """Write a codebook that is complete and explains itself; edit it, then check it.

    Without --frame and --from it asks. Definitions are for people who annotate: write them before others annotate.
    Nothing is overwritten.
    """
    if out.exists():
        raise FramelineError(f"{out}: is there already; give another --out, or move it away")
    check_writable(out)
    found: list[Label] = [_label("--frame", text) for text in frames]
    chosen_stances = [_label("--stance", text) for text in stances] or usual_stances()
    if table is not None:
        rows = read_rows(table, Columns(text=text_column, labels=labels))
        counts = Counter(label for row in rows for label in row.labels)
        found += _proposed(table, counts, {frame.id for frame in found})
        frames_per_sentence = frames_per_sentence or _choice([len(row.labels) for row in rows], len(found))
        for label, count in counts.most_common():
            click.echo(f"{label}: {count} of {len(rows)} texts")
        nothing = ", ".join(repr(label) for label in counts if fold(label) in _NOTHING)
        if nothing:
            click.echo(
                f"note: {nothing} became frames; where they mean that there is none, empty those cells", err=True
            )
    if not found:
        found, chosen_stances, frames_per_sentence = _ask(stances, frames_per_sentence)
    title = name or (table.stem if table is not None else out.resolve().parent.name)
    text = write_codebook(
        _id("--name", title).replace("_", "-"),
        language,
        found,
        chosen_stances,
        frames_per_sentence or "any",
        with_states=with_states,
    )
    out.write_text(text, encoding="utf-8")
    try:
        _describe(out)
    except FramelineError:
        out.unlink()
        raise
    click.echo(f"Next: write the definitions in {out}, then frameline codebook check {out}")


@codebook.command()
@_file
def check(file: Path) -> None:
    """Check a codebook and say what it holds; every fault is named with its field."""
    _describe(file)


@codebook.command(hidden=True)
@_file
def validate(file: Path) -> None:
    """The earlier name of ``check``."""
    _describe(file)


@codebook.command()
@_file
def states(file: Path) -> None:
    """Write the states that the country libraries know, with their forms; those added by hand stay."""
    with needing("train"):
        from training.states import write_states

    click.echo(f"{file}: {write_states(file)} states")


@codebook.command("label-studio", epilog="Example: frameline codebook label-studio --out label-studio.xml")
@codebook_option
@click.option("--out", type=PATHS, help="Where to write it; default: standard output.")
def label_studio(codebook: Path, out: Path | None) -> None:
    """Write the labelling configuration of a Label Studio project that annotates by the codebook.

    Paste it in Label Studio under Settings, Labeling Interface, Code.
    """
    from training.label_studio_config import labelling_config

    config = labelling_config(Codebook.load(codebook))
    check_writable(out)
    if out is None:
        click.echo(config, nl=False)
        return
    try:
        with out.open("x", encoding="utf-8") as stream:
            stream.write(config)
    except FileExistsError:
        raise FramelineError(f"{out}: exists already; give another name, or move it away first") from None
    click.echo(f"{out}: the labelling configuration; paste it in Label Studio under Settings, Labeling Interface, Code")


def _describe(file: Path) -> None:
    found = Codebook.load(file)
    if clashing := found.clashing_columns():
        raise CodebookError(
            f"{file}: frames: {', '.join(clashing)}: columns of a scored archive are called so; give other ids"
        )
    kinds = Counter(actor.kind for actor in found.actors)
    click.echo(f"{file}: {found.label}")
    click.echo(f"frames: {', '.join(found.frame_ids)} ({found.frames_per_sentence.replace('_', ' ')} a sentence)")
    click.echo(f"stances: {', '.join(found.stance_ids)}")
    click.echo(
        f"actors: {', '.join(f'{count} of kind {kind}' for kind, count in kinds.most_common()) or 'none listed'}"
    )
    bare = [frame.id for frame in found.frames if not frame.examples]
    if bare:
        click.echo(f"without examples, which help people who annotate: {', '.join(bare)}")


def _id(option: str, name: str) -> str:
    try:
        return identifier(name)
    except ValueError as error:
        raise FramelineError(f"{option}: {error}") from None


def _label(option: str, text: str) -> Label:
    name, _, definition = (part.strip() for part in text.partition(":"))
    return Label(_id(option, name), name, definition or f"Say here when a sentence is labelled {name}.")


def _proposed(table: Path, counts: Counter[str], known: set[str]) -> list[Label]:
    """A frame a label, the commonest first; labels that make the same id are one."""
    frames: dict[str, Label] = {}
    for label, _ in counts.most_common():
        name = label.replace("_", " ")
        frame = Label(
            _id(str(table), label), name[:1].upper() + name[1:], f"Say here when a sentence is labelled {label}."
        )
        if frame.id not in known:
            frames.setdefault(frame.id, frame)
    if not frames and not known:
        raise FramelineError(f"{table}: no row has a label; see --label-column")
    return list(frames.values())


def _choice(labels_a_row: Sequence[int], frames: int) -> FrameChoice:
    """How many of so many frames the texts of a table have."""
    if max(labels_a_row) > 1:
        return "any"
    return "exactly_one" if min(labels_a_row) == 1 and frames > 1 else "at_most_one"


def _ask(
    stances: Sequence[str], frames_per_sentence: FrameChoice | None
) -> tuple[list[Label], list[Label], FrameChoice]:
    """Ask for what the options have not said."""
    frames = _ask_labels("Frame", 1)
    chosen = [_label("--stance", text) for text in stances]
    if not chosen:
        usual = click.confirm("Stances supportive, neutral and critical?", default=True)
        chosen = usual_stances() if usual else _ask_labels("Stance", 2)
    if frames_per_sentence is None:
        choices = click.Choice(get_args(FrameChoice))
        frames_per_sentence = click.prompt("How many frames has a sentence", type=choices, default="any")
    return frames, chosen, frames_per_sentence or "any"


def _ask_labels(what: str, least: int) -> list[Label]:
    labels: list[Label] = []
    while True:
        end = "" if len(labels) < least else " (empty to end)"
        name = click.prompt(f"{what} {len(labels) + 1}, its name{end}", default="", show_default=False).strip()
        if not name and len(labels) >= least:
            return labels
        if name:
            definition = click.prompt("  When has a sentence it", default="", show_default=False)
            labels.append(_label(what.lower(), f"{name}: {definition}"))
