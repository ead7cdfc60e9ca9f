"""``frameline evaluate``."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from rich.console import Console

from model.annotation import Annotation, read_annotations
from model.checkpoint import CHECKSUMS, DEFAULT
from model.codebook import Codebook
from model.errors import FramelineError
from model.labeller import Labeller
from training.coverage import show_coverage
from training.error_groups import read_genres
from training.error_page import render_errors
from training.error_report import report_errors
from training.evaluation import evaluate_stances, frame_bins, label_annotations, measure_labelled
from training.evaluation_table import show_evaluation
from training.examples import Example, from_annotations
from training.known_sentences import KnownSentences
from training.newsmtsc import check_stances, read_newsmtsc
from training.options import PATHS, check_one_each, check_unread, check_writable, further_actors_option
from training.reliability_diagram import draw_reliabilities
from training.run_folder import REPORT, check_unchanged, load_run, part, read_record
from training.seen import trace


@click.command()
@click.argument("model", type=PATHS, default=DEFAULT)
@click.option("--annotations", type=PATHS, multiple=True, help="Annotated sentences to measure on.")
@click.option("--held-out", type=PATHS, metavar="RUN", help="Measure on the documents that this run held out.")
@further_actors_option
@click.option("--newsmtsc", metavar="PATH|HUB_ID", help="Measure stance on NewsMTSC's rw and mt parts.")
@click.option("--part", "newsmtsc_part", type=click.Choice(["dev", "test"]), default="test", show_default=True)
@click.option("--coverage", is_flag=True, help="Show how accurate the labels of at least some confidence are, too.")
@click.option("--json", "json_file", type=PATHS, help="Write everything as JSON, too.")
@click.option(
    "--reliability", type=PATHS, metavar="FILE.svg", help="Draw how far the first set's frames are calibrated, too."
)
@click.option("--errors", "page", type=PATHS, metavar="FILE.html", help="Write a page that shows the mistakes, too.")
def evaluate(
    model: Path,
    annotations: tuple[Path, ...],
    held_out: Path | None,
    codebook: Path | None,
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
    Where no sentence has an actor, nobody has marked them, and mentions and stances are not measured.
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
    read = [*annotations, *(Path(path) for path in (held_out, codebook, newsmtsc) if path is not None)]
    check_unread(read, json_file, reliability, page)
    check_writable(json_file, reliability, page)
    labeller = Labeller.from_checkpoint(model, codebook) if is_checkpoint else load_run(model, codebook)
    polarity = {} if newsmtsc is None else _polarity(newsmtsc, newsmtsc_part, labeller.codebook)
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
        show_evaluation(console, evaluation)
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


def _polarity(newsmtsc: str, half: str, codebook: Codebook) -> dict[str, list[Example]]:
    """NewsMTSC's sentences of both kinds, rw and mt, by the name under which they are measured."""
    check_stances(codebook)
    return {f"NewsMTSC {name}": read_newsmtsc(newsmtsc, name) for name in (f"rw_{half}", f"mt_{half}")}


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
