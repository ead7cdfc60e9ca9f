"""``frameline train``."""

from collections.abc import Sequence
from pathlib import Path

import click

from model.annotation import Annotation, read_annotations
from model.checkpoint import CODEBOOK, DEFAULT
from model.codebook import Codebook
from model.errors import FramelineError
from model.version import RUN
from training.base import Base
from training.chosen_settings import choose_settings, validated
from training.defaults import describe_amount
from training.encoders import PACKAGED, name_of
from training.labelled_table import is_table, read_tables
from training.options import PATHS, usual_codebook
from training.run_folder import REPORT, RunError
from training.settings import LARGEST_SEED, TrainingSettings
from training.table_columns import Columns

_ANNOTATIONS = Path("data/annotations/authored.jsonl")
#: Annotations that were read from tables, in the run folder.
_TABLES = "annotations.jsonl"
#: What --base calls the checkpoint that ships.
_SHIPPED = "default"
_DEFAULTS = TrainingSettings()


@click.command(
    epilog="Example: frameline train --from-annotations table.csv --codebook codebook.yaml --base default --out run. "
    "An interrupted run goes on when the same command is given again."
)
@click.option(
    "--from-annotations",
    "--annotations",
    "annotations",
    type=PATHS,
    multiple=True,
    help=f"Annotated sentences (JSON Lines), or a table of texts and labels (CSV). [default: {_ANNOTATIONS}]",
)
@click.option("--text-column", help="A table's column with the texts. [default: text or sentence]")
@click.option("--label-column", "labels", multiple=True, help="Its column with labels, or several with 1 and 0.")
@click.option("--document-column", help="Its column with what a text comes from; a document's texts stay together.")
@click.option(
    "--supplement",
    type=PATHS,
    multiple=True,
    help="Annotated sentences (JSON Lines) unlike those to be labelled, such as ones written for training: they are "
    "learned from, and none of them chooses or measures.",
)
@click.option(
    "--codebook",
    type=PATHS,
    help="The labelling schema. [default: that of --base; data/annotations/codebook.yaml without one, or with the "
    "shipped checkpoint]",
)
@click.option("--newsmtsc", metavar="PATH|HUB_ID", help="NewsMTSC's folder or hub id, for more stances.")
@click.option("--development", type=PATHS, multiple=True, help="Further sentences that choose; never trained on.")
@click.option("--reserved", type=PATHS, multiple=True, help="Sentences of documents that are never seen.")
@click.option(
    "--base",
    metavar="default|RUN|CHECKPOINT|ENCODER",
    help="What is trained further: the shipped checkpoint, a run, a checkpoint, or an encoder (as --encoder).",
)
@click.option("--teacher", type=PATHS, metavar="RUN|CHECKPOINT", help="Learn its probabilities, too (distillation).")
@click.option(
    "--unlabelled", type=PATHS, multiple=True, help="JSON Lines or CSV of id and text that the teacher labels."
)
@click.option(
    "--most-unlabelled",
    type=int,
    metavar="N",
    help="At most N unlabelled sentences: those of which --base is least sure, or N that name a listed actor. "
    "[default: all]",
)
@click.option("--out", type=PATHS, required=True, help="The run folder.")
@click.option("--encoder", help="minilm, mpnet, a local path or a hub id. [default: that of --base, or minilm]")
@click.option("--epochs", type=int, help=f"[default: by the amount of data, {_DEFAULTS.epochs} if there is much]")
@click.option(
    "--batch-size", type=int, help=f"[default: by the amount of data, {_DEFAULTS.batch_size} if there is much]"
)
@click.option(
    "--learning-rate", type=float, help=f"[default: {_DEFAULTS.learning_rate:g}, half with --base and little data]"
)
@click.option("--head-factor", type=float, default=_DEFAULTS.head_factor, show_default=True)
@click.option("--dropout", type=float, default=_DEFAULTS.dropout, show_default=True)
@click.option("--encoder-dropout", type=float, help="Dropout within the encoder. [default: as its configuration says]")
@click.option("--list-dropout", type=float, default=_DEFAULTS.list_dropout, show_default=True)
@click.option("--label-smoothing", type=float, default=_DEFAULTS.label_smoothing, show_default=True)
@click.option(
    "--soft-weight",
    type=float,
    default=_DEFAULTS.soft_weight,
    show_default=True,
    help="Weight of the teacher beside an annotator's label.",
)
@click.option(
    "--substitutes",
    type=int,
    default=_DEFAULTS.substitutes,
    show_default=True,
    help="Copies of each annotated sentence with other actors' names, the same stances and the teacher's frames.",
)
@click.option(
    "--rewordings",
    type=int,
    default=_DEFAULTS.rewordings,
    show_default=True,
    help="Copies of each annotated sentence in other words that the teacher labels, too.",
)
@click.option(
    "--imitation",
    type=float,
    default=_DEFAULTS.imitation,
    show_default=True,
    help="How much the distance from the teacher's token vectors counts beside the labels.",
)
@click.option(
    "--feed-forward", type=int, metavar="UNITS", help="Narrow the base's feed-forward layers to so many units."
)
@click.option(
    "--attention-heads", type=int, metavar="HEADS", help="Cut the attention of the base's layers to so many heads."
)
@click.option("--relu", is_flag=True, help="Give the base's feed-forward layers ReLU, which int8 computes for nothing.")
@click.option(
    "--base-share",
    type=float,
    default=_DEFAULTS.base_share,
    show_default=True,
    help="Weight of the base in the mean of the weights before and after training, which is what is kept.",
)
@click.option(
    "--balance-stances/--no-balance-stances",
    default=_DEFAULTS.balance_stances,
    help="Give rare stances more often: biases by the macro F1 on sentences that are not learned from.",
)
@click.option(
    "--repeat",
    type=int,
    default=_DEFAULTS.repeat,
    show_default=True,
    help="Times that an annotated sentence is seen for each of NewsMTSC or of a supplement.",
)
@click.option("--patience", type=int, default=_DEFAULTS.patience, show_default=True, help="Epochs without progress.")
@click.option(
    "--held-out",
    type=float,
    help=f"Share of documents that choose, and once more that measure. [default: {_DEFAULTS.held_out:g}, or 0]",
)
@click.option(
    "--folds", type=int, help="Parts of a cross-validation that chooses. [default: 3 where data is little, else 0]"
)
@click.option(
    "--contrastive", type=float, help="Weight of the contrastive loss. [default: 1 where data is little, else 0]"
)
@click.option(
    "--head-start/--no-head-start",
    default=None,
    help="Start new frames from logistic regression. [default: where data is little]",
)
@click.option(
    "--compile/--no-compile",
    "compiled",
    default=_DEFAULTS.compiled,
    help="Compile the encoder first: minutes of work for the C++ compiler, then up to twice the speed on a CPU.",
)
@click.option("--seed", type=click.IntRange(0, LARGEST_SEED), default=_DEFAULTS.seed, show_default=True)
def train(
    annotations: tuple[Path, ...],
    text_column: str | None,
    labels: tuple[str, ...],
    document_column: str | None,
    supplement: tuple[Path, ...],
    codebook: Path | None,
    newsmtsc: str | None,
    development: tuple[Path, ...],
    reserved: tuple[Path, ...],
    base: str | None,
    teacher: Path | None,
    unlabelled: tuple[Path, ...],
    out: Path,
    **given: object,
) -> None:
    """Train a model on annotated sentences, on the GPU where there is one.

    Epochs, batch size, learning rate and how thresholds are chosen follow from the amount of data; they are printed,
    and each can be given. Where data is little, all of it is learned from, and a cross-validation by document chooses.

    A table without actors teaches frames alone: with --base, and the same stances, the base's actors and stances stay.

    RUN/report.html shows curves, scores, calibration, data and settings.
    """
    from training.run import train as run
    from training.sources import Sources

    validated({name: value for name, value in given.items() if value is not None})
    folder = _base(base)
    if codebook is None:
        codebook = usual_codebook() if folder in (None, DEFAULT) else folder / CODEBOOK
    schema = Codebook.load(codebook)
    columns = Columns(text=text_column, labels=labels, document=document_column)
    chosen = annotations or (_ANNOTATIONS,)
    tables = tuple(file for file in chosen if is_table(file))
    rows = read_tables(tables, columns, schema)
    files = tuple(file for file in chosen if file not in tables)
    if folder is None and base is not None:
        if given["encoder"] is not None:
            raise FramelineError(f"--base {base} is an encoder: give it or --encoder, not both")
        given["encoder"] = base
    opened = None if folder is None else Base.open(folder)
    if opened is not None and given["encoder"] is None:
        given["encoder"] = name_of(opened.config.encoder)
    known = [*read_annotations(files, schema, by_somebody=True), *rows]
    added = read_annotations(supplement, schema, by_somebody=True)
    settings = choose_settings(
        known,
        added,
        given,
        has_base=folder is not None,
        has_development=bool(development),
        newsmtsc=newsmtsc is not None,
    )
    _announce(known, added, settings, schema.frame_ids)
    if rows:
        files = (*files, _write_rows(out, rows))
    sources = Sources(files, codebook, newsmtsc, development, reserved, folder, teacher, unlabelled, tables, supplement)
    try:
        run(sources, settings, out, click.echo)
    except FramelineError:
        _take_back_rows(out)
        raise
    click.echo(f"Report: {out / REPORT}")
    click.echo(f"Next: frameline export {out} --out {Path('checkpoints') / out.name}", err=True)


def _announce(
    annotations: list[Annotation], supplements: list[Annotation], settings: TrainingSettings, frames: Sequence[str]
) -> None:
    """Say how much data there is, which frames it lacks, and how it is learned from."""
    click.echo(describe_amount(annotations))
    lacking = set(frames).difference(*(one.frames for one in (*annotations, *supplements)))
    if lacking:
        names = ", ".join(frame for frame in frames if frame in lacking)
        click.echo(f"no sentence has {names}: the model learns that no text does; is a table's column missing?")
    if supplements:
        click.echo(f"Supplements: {describe_amount(supplements)}")
    click.echo(
        f"{settings.epochs} epochs in batches of {settings.batch_size} at {settings.learning_rate:g}, contrastive loss "
        f"{settings.contrastive:g}; thresholds by "
        + (f"cross-validation in {settings.folds} folds" if settings.folds else "sentences that are not learned from")
    )


def _base(name: str | None) -> Path | None:
    """The folder that --base names, or None where it names an encoder or nothing."""
    if name is None or name in PACKAGED:
        return None
    if name == _SHIPPED:
        return DEFAULT
    folder = Path(name)
    if not folder.is_dir():
        raise FramelineError(
            f"--base {name}: no such folder; give {_SHIPPED}, {' or '.join(PACKAGED)}, a run or a checkpoint "
            f"(an encoder from a hub or a folder goes with --encoder)"
        )
    return folder


def _write_rows(out: Path, rows: list[Annotation]) -> Path:
    """Keep the annotations of tables in the run folder, so that the run can be explained and exported later."""
    file = out / _TABLES
    content = "".join(row.model_dump_json(exclude_defaults=True) + "\n" for row in rows)
    if file.is_file() and file.read_text(encoding="utf-8") != content:
        raise RunError(f"{out} holds a run with other data (see {_TABLES}); choose another --out")
    out.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")
    return file


def _take_back_rows(out: Path) -> None:
    """Leave nothing of a run that was refused before the folder was its own, so that the table can be mended."""
    if (out / RUN).exists():
        return
    (out / _TABLES).unlink(missing_ok=True)
    if out.is_dir() and not any(out.iterdir()):
        out.rmdir()
