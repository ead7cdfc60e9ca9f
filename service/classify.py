"""``frameline classify``: label a text or a file of documents from the command line."""

import errno
import io
import os
import shlex
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from shutil import get_terminal_size
from typing import BinaryIO, TypeAlias

import click

from model.checkpoint import DEFAULT
from model.errors import FramelineError, InputError
from model.prediction import Document, Sentence
from service.abstention import abstain
from service.archive.formats import recognise
from service.documents import STANDARD_INPUT, read_jsonl, read_text
from service.errors import RefusedDocumentError
from service.labels import Labels, check_options, from_checkpoint, from_service

_Show: TypeAlias = Callable[[Document], None]

#: Columns and lines for a table that goes elsewhere than to a terminal, unless the environment names others.
_SIZE = (120, 25)
#: Characters of a FILE that a message quotes; more are a text.
_QUOTED = 80
_NO_FILE = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)
_EPILOG = """\b
Examples:
  frameline classify article.txt
  echo "Ankara blamed NATO." | frameline classify
  frameline classify articles.jsonl > labels.jsonl
  for file in *.txt; do frameline classify "$file"; done
  frameline score *.txt --out DIR      (a whole archive, into tables)

\b
What a table shows:
  Alliance criticism 0.59   a frame that reaches its threshold, and its
                            probability
  - NATO (critical 0.97)    an actor as the text names it, the likeliest
                            stance toward it, and that stance's probability;
                            before it + for supportive, a minus for critical,
                            a dot for neutral
  ? (dim)                   less probable than --min-confidence: left open

Below it are counted the sentences with each frame and the stances toward each actor; actors that the codebook does not
list are "Unlisted", and counted under each name that the text has for them. Frames and actors stand beside their
sentence from 80 columns on, else under it. Columns are those of COLUMNS, else those of the terminal, else 120.

\b
What a line of JSON Lines holds:
  in   {"id": "a", "text": "Ankara blamed NATO.", "actors": ["NATO"]}
  out  {"id": "a", "sentences": [
         {"start": 0, "end": 19, "text": "Ankara blamed NATO.",
          "frames": [{"frame": "alliance_criticism", "probability": 0.59,
                      "present": true}, ...],
          "actors": [{"mention": "NATO", "start": 14, "end": 18,
                      "actor": "nato", "stance": "critical",
                      "probabilities": {"critical": 0.97, ...}}]}, ...]}

"actors" may be left out of the input; where it is given, exactly those mentions are judged. In the output, which has
a document a line, "start" and "end" count Unicode code points of the document's text, "end" exclusive; "frames" are
all of the codebook, "present" those that reach their threshold, or the likeliest where they exclude each other; "actor"
is null where the codebook does not list it.

With --min-confidence P a label is undecided if its probability is under P: that of a frame which reaches its
threshold, that of the absence of one which does not, that of an actor's likeliest stance. JSON Lines keep their form:
an undecided frame has "present": false, an undecided actor keeps its likeliest stance, and the probabilities stand as
they are.

An empty text has no sentences, and an empty file of JSON Lines no documents; both end with exit code 0.

With --server a running `frameline serve` labels the sentences, and no model is loaded here.
"""


def _check_confidence(context: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    if value is not None and not 0.5 <= value <= 1:  # nor is "nan" between them
        raise click.BadParameter(f"{value:g} is not between 0.5 and 1")
    return value


def _check_file(context: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> str:
    if len(value) < 2:
        return value[0] if value else "-"
    remedies = [
        "one FILE at a time; for several, one after the other or into tables:",
        '  for file in *.txt; do frameline classify "$file"; done',
        "  frameline score *.txt --out DIR",
    ]
    if not any(map(os.path.exists, value)):
        remedies += ["if it is a text:", f"  {_piped(' '.join(value))}"]
    raise click.UsageError("\n".join(remedies))


@click.command(epilog=_EPILOG)
@click.argument("file", nargs=-1, metavar="[FILE|-]", callback=_check_file)
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
@click.option("--server", metavar="URL", help="Label by the service at URL instead of here.")
@click.option("--api-key", metavar="KEY", envvar="FRAMELINE_API_KEY", show_envvar=True, help="The service's key.")
@click.option(
    "--patience",
    type=click.IntRange(1, 86_400),
    default=120,
    show_default=True,
    metavar="SECONDS",
    help="How long each request is tried while the service is busy or away.",
)
@click.pass_context
def classify(
    context: click.Context,
    file: str,
    form: str | None,
    output: str | None,
    min_confidence: float | None,
    no_split: bool,
    checkpoint: Path,
    codebook: Path | None,
    threads: int | None,
    server: str | None,
    api_key: str | None,
    patience: int,
) -> None:
    """Label the sentences of FILE, or of standard input, by framing and by stance toward each actor."""
    form = form or _form(file)
    output = output or ("jsonl" if form == "jsonl" else "table")
    check_options(context, server)
    with ExitStack() as stack:
        stream = _open(file, stack)
        labels: Labels
        if server is None:
            labels = from_checkpoint(checkpoint, codebook, threads, arriving=not stream.seekable())
        else:
            labels = stack.enter_context(from_service(server, api_key, patience))
        name = STANDARD_INPUT if file == "-" else file
        lines: dict[str, int] = {}
        documents = read_jsonl(stream, name, lines) if form == "jsonl" else read_text(stream, name)
        show = _printer(output, labels, 0.0 if min_confidence is None else min_confidence)
        show, on_sentence = _progress(stack, stream, file, form, output, show)
        try:
            for document in labels.classify_documents(documents, split=not no_split, on_sentence=on_sentence):
                show(document)
        except RefusedDocumentError as error:
            line = lines.get(error.document.id)
            place = name if line is None else f"{name}:{line}"
            raise InputError(place, error.fault) from None


def _form(file: str) -> str:
    """The form of a file by its ending.

    Raises:
        FramelineError: it is one that would be taken for prose, and is none.
    """
    if file.lower().endswith(".json"):
        raise FramelineError(f"{file}: for JSON Lines, a document a line, give --format jsonl; else --format text")
    form, compression = recognise(file) or ("text", None)
    if form in ("text", "jsonl") and compression is None:
        return form
    raise FramelineError(
        f"{file}: classify reads plain text and JSON Lines; `frameline score {shlex.quote(file)} --out DIR` reads this "
        "form, and --format takes it for one of the two"
    )


def _open(file: str, stack: ExitStack) -> BinaryIO:
    """Open a file; what may keep a thread that reads ahead waiting is left open, since closing it would wait, too."""
    if file == "-":
        if sys.stdin is None:
            raise FramelineError(f"{STANDARD_INPUT} is closed; name a FILE")
        return _unshared(sys.stdin.buffer)
    try:
        stream = Path(file).open("rb")  # noqa: SIM115 - the stack closes it
    except OSError as error:
        shown = file if len(file) <= _QUOTED else f"{' '.join(file[:_QUOTED].split())}…"
        remedy = f"; if it is a text, pipe it: {_piped(file)}" if " " in file and error.errno in _NO_FILE else ""
        raise FramelineError(f"{shown}: cannot be read: {error.strerror}{remedy}") from None
    return stack.enter_context(stream) if stream.seekable() else stream


def _piped(text: str) -> str:
    """The command that labels a text."""
    return f"echo {shlex.quote(text) if len(text) <= _QUOTED else 'TEXT'} | frameline classify"


def _unshared(stream: BinaryIO) -> BinaryIO:
    """Another reader of a stream's file; Python cannot exit while a thread waits in standard input's own."""
    try:
        return open(stream.fileno(), "rb", closefd=False)
    except io.UnsupportedOperation:
        return stream


def _printer(output: str, labels: Labels, min_confidence: float) -> _Show:
    if output == "jsonl":
        return lambda document: click.echo(abstain(document, min_confidence).model_dump_json())
    from rich.console import Console

    from service.table import print_document

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a table is for people, whatever their locale can show
    codebook = labels.codebook
    width, height = (None, None) if sys.stdout.isatty() else get_terminal_size(_SIZE)
    console = Console(highlight=False, width=width, height=height)
    return lambda document: print_document(console, document, codebook, min_confidence)


def _progress(
    stack: ExitStack, stream: BinaryIO, file: str, form: str, output: str, show: _Show
) -> tuple[_Show, Callable[[Sentence], None] | None]:
    """A progress bar on standard error for files, where somebody looks at it, and ``show`` with no bar in its way."""
    if file == "-" or not stream.seekable() or not sys.stderr.isatty():
        return show, None
    from service.file_progress import FileProgress

    between = output == "table" and sys.stdout.isatty()
    bar = stack.enter_context(FileProgress(stream, Path(file), form, transient=between))

    def show_alone(document: Document) -> None:
        with bar.away():
            show(document)

    return show_alone if between else show, bar.advance
