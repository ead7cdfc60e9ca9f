"""``frameline evaluate`` and ``export``."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from model.annotation import Annotation, read_annotations
from model.checkpoint import CHECKSUMS, DEFAULT, Precision
from model.codebook import Codebook
from model.errors import FramelineError
from model.labeller import Labeller
from training.coverage import show_coverage
from training.error_groups import read_genres
from training.error_page import render_errors
from training.error_report import report_errors
from training.evaluation import (
    Evaluation,
    Section,
    evaluate_stances,
    frame_bins,
    label_annotations,
    measure_labelled,
)
from training.examples import from_annotations
from training.figures_table import figures_table
from training.known_sentences import KnownSentences
from training.newsmtsc import check_stances, read_newsmtsc
from training.options import check_one_each, check_unread, check_writable
from training.reliability_diagram import draw_reliabilities
from training.run_folder import REPORT, check_unchanged, load_run, part, read_record
from training.seen import trace

_paths = click.Path(path_type=Path)


@click.command()
@click.argument("model", type=_paths, default=DEFAULT)
@click.option("--annotations", type=_paths, multiple=True, help="Annotated sentences to measure on.")
@click.option("--held-out", type=_paths, metavar="RUN", help="Measure on the documents that this run held out.")
@click.option("--newsmtsc", metavar="PATH|HUB_ID", help="Measure stance on NewsMTSC's rw and mt parts.")
@click.option("--part", "newsmtsc_part", type=click.Choice(["dev", "test"]), default="test", show_default=True)
@click.option("--coverage", is_flag=True, help="Show how accurate the labels of at least some confidence are, too.")
@click.option("--json", "json_file", type=_paths, help="Write everything as JSON, too.")
@click.option(
    "--reliability", type=_paths, metavar="FILE.svg", help="Draw how far the first set's frames are calibrated, too."
)
@click.option("--errors", "page", type=_paths, metavar="FILE.html", help="Write a page that shows the mistakes, too.")
def evaluate(
    model: Path,
    annotations: tuple[Path, ...],
    held_out: Path | None,
    newsmtsc: str | None,
    newsmtsc_part: str,
    coverage: bool,
    json_file: Path | None,
    reliability: Path | None,
    page: Path | None,
) -> None:
    """Measure MODEL, a checkpoint or a run folder (by default the checkpoint that ships).

    Prints precision, recall, F1 and support of each label, with 95 % intervals by bootstrap over documents,
    and the expected calibration error of the frames. Averages are over the labels that are annotated or given.
    A run folder with no other choice is measured on the test documents that it held out itself. Of sentences from
    documents that the model has seen it is said how many they are.
    The page of --errors shows the sentences, so pass it on only where you may pass them on.
    """
    is_checkpoint = (model / CHECKSUMS).is_file()
    if not annotations and newsmtsc is None and held_out is None:
        if is_checkpoint:
            raise FramelineError("name what to measure on: --annotations, --held-out or --newsmtsc")
        held_out = model
    if page is not None and not annotations and held_out is None:
        raise FramelineError("--errors shows annotated sentences: name some with --annotations or --held-out")
    if reliability is not None and not annotations and held_out is None:
        raise FramelineError("--reliability needs annotated sentences: name some with --annotations or --held-out")
    read = [*annotations, *(Path(path) for path in (held_out, newsmtsc) if path is not None)]
    check_unread(read, json_file, reliability, page)
    check_writable(json_file, reliability, page)
    labeller = Labeller.from_checkpoint(model) if is_checkpoint else load_run(model)
    polarity = {}
    if newsmtsc is not None:
        check_stances(labeller.codebook)
        for name in (f"rw_{newsmtsc_part}", f"mt_{newsmtsc_part}"):
            polarity[f"NewsMTSC {name}"] = read_newsmtsc(newsmtsc, name)
    sets = list(_sets(labeller.codebook, annotations, held_out))
    evaluations, reports = [], []
    for path, data, sentences in sets:
        genres = {} if page is None else read_genres(path)
        rows = label_annotations(labeller, sentences)
        evaluations.append(measure_labelled(labeller, rows, data))
        if reliability is not None and len(evaluations) == 1:
            diagrams = [(frame.name, frame_bins(rows, frame.id)) for frame in labeller.codebook.frames]
            reliability.write_text(draw_reliabilities(diagrams), encoding="utf-8")
        if page is not None:
            reports.append(report_errors(labeller, rows, genres, data))
    evaluations += [evaluate_stances(labeller, examples, name) for name, examples in polarity.items()]
    seen = trace(model).seen
    documents = [[one.document for one in sentences] for _, _, sentences in sets]
    documents += [[one.document for one in examples] for examples in polarity.values()]
    known = [KnownSentences.count(seen, names) for names in documents]
    console = Console(highlight=False)
    for evaluation, familiar in zip(evaluations, known, strict=True):
        _print(console, evaluation)
        for warning in familiar.warnings(evaluation.sentences):
            console.print(f"[yellow]{warning}[/yellow]")
    labelled = [(data, from_annotations(sentences)) for _, data, sentences in sets]
    coverages = show_coverage(console, labeller, [*labelled, *polarity.items()]) if coverage else []
    if json_file is not None:
        content = [
            {**evaluation.model_dump(), "seen": familiar.model_dump()}
            for evaluation, familiar in zip(evaluations, known, strict=True)
        ]
        if coverage:
            content = [{**entry, **table.model_dump()} for entry, table in zip(content, coverages, strict=True)]
        json_file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    if page is not None:
        page.write_text(render_errors(reports), encoding="utf-8")


@click.command()
@click.argument("run", type=_paths)
@click.option("--out", type=_paths, required=True, help="The checkpoint's folder.")
@click.option("--name", help="The model's name; by default that of the run folder.")
@click.option("--version", default="0.1.0", show_default=True, help="The model's version.")
@click.option("--precision", type=click.Choice(["int8", "float16", "float32"]), default="int8", show_default=True)
def export(run: Path, out: Path, name: str | None, version: str, precision: Precision) -> None:
    """Turn a training RUN into a checkpoint: ONNX, which labels without torch.

    In int8 it is fastest on a CPU. In float16 or float32 it labels many sentences at a time, on a GPU where there is
    one (with the package onnxruntime-gpu in the place of onnxruntime).

    On the run's held-out documents the export must give torch's probabilities (float32, to 1e-4), and int8 or
    float16 must agree with float32 on at least 98 % of the frames, of the mentions and of the stances; otherwise
    nothing is written.
    """
    from training.export import export as write

    check_unchanged(read_record(run))
    parity = write(run, out, name or run.resolve().name, version, precision)
    size = sum(file.stat().st_size for file in out.iterdir()) / 1e6
    click.echo(f"{out}: {size:.1f} MB")
    click.echo(
        f"on {parity.sentences} held-out sentences: ONNX differs from torch by {parity.torch_to_onnx:.1e}; {precision} "
        f"agrees with float32 on {parity.frames:.2%} of the frames, {parity.mentions:.2%} of the mentions and "
        f"{parity.stances:.2%} of the stances"
    )
    click.echo(f"Next: frameline models add {out} --run {run}", err=True)


def _sets(
    codebook: Codebook, annotations: Iterable[Path], held_out: Path | None
) -> Iterator[tuple[Path, str, list[Annotation]]]:
    """What to measure on: where it lies, what it is, and the sentences."""
    for path in annotations:
        yield path, str(path), _some(read_annotations([path], codebook, by_somebody=True), path)
    if held_out is None:
        return
    record = read_record(held_out)
    if not record.documents.get("test", True):
        raise FramelineError(
            f"{held_out}: held out nothing (its scores by cross-validation stand in {REPORT}); name sentences that "
            f"it has not learned from with --annotations"
        )
    check_unchanged(record)
    for path in record.annotations:
        sentences = part(read_annotations([path], codebook), "test", record.settings, {*record.seen})
        yield path, f"{path}, test documents of {held_out}", _some(sentences, path)


def _some(annotations: list[Annotation], path: Path) -> list[Annotation]:
    if not annotations:
        raise FramelineError(f"{path}: holds no sentences to measure on")
    check_one_each(annotations, path)
    return annotations


def _print(console: Console, evaluation: Evaluation) -> None:
    console.print(
        f"[bold]{escape(evaluation.data)}[/bold]: {evaluation.sentences} sentences, model {escape(evaluation.model)}"
    )
    for section in evaluation.sections:
        console.print(_table(console, section))
    if evaluation.calibration:
        errors = ", ".join(f"{name} {error:.3f}" for name, error in evaluation.calibration.items())
        console.print(f"[bold]Calibration[/bold] (expected calibration error): {escape(errors)}")


def _table(console: Console, section: Section) -> Table:
    headings = ("Label", "Precision", "Recall", "F1", "95 % interval", "Support")
    table = figures_table(console, section.title, headings)
    rows = [*section.scores, section.macro] if len(section.scores) > 1 else section.scores
    for score in rows:
        figures = [f"{value:.3f}" for value in (score.precision, score.recall, score.f1)]
        table.add_row(
            score.label,
            *(figures if score.occurs else "–––"),
            f"{score.low:.3f} to {score.high:.3f}" if score.occurs else "–",
            str(score.support),
            style="bold" if score is section.macro else None,
        )
    return table
