"""``frameline classify``: label a text or a file of documents from the command line."""

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import click

from model.checkpoint import DEFAULT
from model.codebook import Codebook
from model.errors import FramelineError
from model.labeller import Labeller
from model.prediction import Document, Sentence, TextDocument
from service.abstention import abstain
from service.documents import STANDARD_INPUT, read_jsonl, read_text


def _check_confidence(context: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    if value is not None and not 0.5 <= value <= 1:  # nor is "nan" between them
        raise click.BadParameter(f"{value:g} is not between 0.5 and 1")
    return value


@click.command(
    epilog='With --format jsonl every input line is {"id", "text", "actors"?} and, with --output jsonl, every '
    'output line one labelled document; where "actors" is given, exactly those mentions are judged. '
    "With --min-confidence P a label is undecided if its probability is under P: that of a frame which reaches its "
    "threshold, that of the absence of one which does not, that of an actor's likeliest stance. A table shows "
    'such frames and actors with "?". JSON Lines keep their form: an undecided frame has "present": false, an '
    "undecided actor keeps its likeliest stance, and the probabilities stand as they are."
)
@click.argument("file", default="-", metavar="[FILE|-]")
@click.option(
    "--format", "form", type=click.Choice(["text", "jsonl"]), help="Default: by the file's ending, else text."
)
@click.option("--output", type=click.Choice(["table", "jsonl"]), help="Default: table for text, jsonl for jsonl.")
@click.option(
    "--min-confidence",
    type=float,
    metavar="P",
    callback=_check_confidence,
    help="Leave open what is less probable than P, 0.5 to 1.",
)
@click.option("--no-split", is_flag=True, help="Take each text as one sentence.")
@click.option("--checkpoint", type=click.Path(path_type=Path), default=DEFAULT, help="A checkpoint's folder.")
@click.option("--codebook", type=click.Path(path_type=Path), help="A codebook with further actors.")
@click.option("--threads", type=click.IntRange(min=1), help="Sentences at a time; default: one a core.")
def classify(
    file: str,
    form: str | None,
    output: str | None,
    min_confidence: float | None,
    no_split: bool,
    checkpoint: Path,
    codebook: Path | None,
    threads: int | None,
) -> None:
    """Label the sentences of FILE, or of standard input, by framing and by stance toward each actor."""
    form = form or ("jsonl" if file.endswith((".jsonl", ".ndjson")) else "text")
    output = output or ("jsonl" if form == "jsonl" else "table")
    with ExitStack() as stack:
        stream = _open(file, stack)
        labeller = Labeller.from_checkpoint(checkpoint, None if codebook is None else Codebook.load(codebook), threads)
        read = read_jsonl if form == "jsonl" else read_text
        documents: Iterator[TextDocument] = read(stream, STANDARD_INPUT if file == "-" else file)
        show = _printer(output, labeller.codebook, 0.0 if min_confidence is None else min_confidence)
        on_sentence = _progress(stack, stream, file, form, output)
        for document in labeller.classify_documents(documents, split=not no_split, on_sentence=on_sentence):
            show(document)


def _open(file: str, stack: ExitStack) -> BinaryIO:
    if file == "-":
        if sys.stdin is None:
            raise FramelineError(f"{STANDARD_INPUT} is closed; name a FILE")
        return sys.stdin.buffer
    try:
        return stack.enter_context(Path(file).open("rb"))
    except OSError as error:
        raise FramelineError(f"{file}: cannot be read: {error.strerror}") from None


def _printer(output: str, codebook: Codebook, min_confidence: float) -> Callable[[Document], None]:
    if output == "jsonl":
        return lambda document: click.echo(abstain(document, min_confidence).model_dump_json())
    from rich.console import Console

    from service.table import print_document

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a table is for people, whatever their locale can show
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    return lambda document: print_document(console, document, codebook, min_confidence)


def _progress(
    stack: ExitStack, stream: BinaryIO, file: str, form: str, output: str
) -> Callable[[Sentence], None] | None:
    """A progress bar on standard error for files, where somebody looks at it."""
    if file == "-" or not stream.seekable() or not sys.stderr.isatty() or (output == "table" and sys.stdout.isatty()):
        return None
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[sentences]} sentences"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    stack.enter_context(bar)
    task = bar.add_task(Path(file).name, total=Path(file).stat().st_size, sentences=0)
    done = 0

    def on_sentence(sentence: Sentence) -> None:
        nonlocal done
        done += 1
        bar.update(task, completed=stream.tell() if form == "jsonl" else sentence.end, sentences=done)

    return on_sentence
