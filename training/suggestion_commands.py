"""``frameline annotations suggest`` and ``frameline annotations estimate``."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from model.annotation import NOBODY, Annotation, read_annotations
from model.checkpoint import CODEBOOK, DEFAULT
from model.codebook import Codebook
from model.errors import CodebookError, FramelineError
from model.labeller import Labeller
from training.candidates import Candidate, read_candidates
from training.estimation import check_sample
from training.estimation import estimate as estimate_shares
from training.figures_table import figures_table
from training.formats.json_lines import JsonLines
from training.options import FOLDER, PATHS, check_free, check_unread, check_writable, codebook_option, usual_codebook
from training.random_sample import ORIGIN, design_file, draw, read_design

_SUGGESTED = "suggested"


@click.command(
    epilog="\b\nExamples:\n  frameline annotations suggest --from scored -n 200 --out next.jsonl\n"
    "  frameline annotations suggest --from articles.jsonl -n 300 --random --out sample.jsonl"
)
@click.option(
    "--from", "sources", type=PATHS, multiple=True, required=True, metavar="FILE|FOLDER", help="Texts or tables."
)
@click.option("-n", "--number", type=click.IntRange(min=1), default=200, show_default=True, help="How many sentences.")
@click.option("--out", type=PATHS, required=True, help="Where to write the sentences (JSON Lines); a new file.")
@click.option("--annotated", type=PATHS, multiple=True, help="Annotations to leave out. Repeatable.")
@click.option("--random", "at_random", is_flag=True, help="Draw at random, for estimates, and record how.")
@click.option("--stratify", metavar="COLUMN", help="With --random: draw from each value of this column by itself.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=0,
    show_default=True,
    help="Same seed and input: same sentences.",
)
@click.option("--checkpoint", type=PATHS, default=DEFAULT, help="Labels texts; by default the one that ships.")
@click.option("--encoder", default="minilm", show_default=True, help="Tells how much sentences differ.")
@click.option(
    "--codebook",
    type=PATHS,
    help="The labelling schema. [default: that of --checkpoint; "
    f"without one {FOLDER / CODEBOOK}, or the one that ships]",
)
def suggest(
    sources: Sequence[Path],
    number: int,
    out: Path,
    annotated: Sequence[Path],
    at_random: bool,
    stratify: str | None,
    seed: int,
    checkpoint: Path,
    encoder: str,
    codebook: Path | None,
) -> None:
    """Choose sentences to annotate next: those of which the model is unsure and which differ from one another.

    --from takes the folder that `frameline score` wrote, Parquet tables, JSON Lines of {"id", "text"}, text files, and
    folders of them. Texts are split and labelled on the spot. With --random the sentences are drawn at random instead,
    and how is written to OUT with .sample.json as its ending: only such a sample is a ground for `estimate`.
    """
    if stratify is not None and not at_random:
        raise click.UsageError("--stratify belongs to --random")
    check_free(out, *([design_file(out)] if at_random else []))
    check_writable(out)
    if codebook is None:
        codebook = usual_codebook() if checkpoint == DEFAULT else checkpoint / CODEBOOK
    schema = Codebook.load(codebook)
    texts = [annotation.text for annotation in read_annotations(annotated, schema)] if annotated else []
    if at_random:
        names = [str(source) for source in sources]
        found = read_candidates(sources, schema, column=stratify)
        sample = draw(_counted(found), number, texts, column=stratify, seed=seed, sources=names)
        chosen, origin = sample.candidates, ORIGIN
        design_file(out).write_text(sample.design.model_dump_json(indent=2) + "\n", encoding="utf-8")
        click.echo(f"{design_file(out)}: how they were drawn; keep it, `frameline annotations estimate` needs it")
    else:
        chosen, origin = _suggested(sources, number, texts, schema, checkpoint, encoder, seed), _SUGGESTED
    JsonLines().write([_blank(one, origin) for one in chosen], out, schema)
    click.echo(f"{out}: {len(chosen)} sentences to annotate")


@click.command(epilog="\b\nExample:\n  frameline annotations estimate annotated.jsonl --sample sample.sample.json")
@click.argument("paths", type=PATHS, nargs=-1, required=True, metavar="FILE...")
@click.option("--sample", type=PATHS, required=True, help="What `suggest --random` wrote beside the sentences.")
@click.option("--incomplete", is_flag=True, help="Some sentences are missing, for reasons that say nothing of them.")
@click.option("--json", "json_file", type=PATHS, help="Write the figures as JSON, too.")
@codebook_option
def estimate(paths: Sequence[Path], sample: Path, incomplete: bool, json_file: Path | None, codebook: Path) -> None:
    """Estimate each frame's share of all sentences, with a 95 % interval, from an annotated random sample.

    Refuses annotations that were not drawn at random.
    """
    check_unread([*paths, sample, codebook], json_file)
    schema = Codebook.load(codebook)
    design = read_design(sample)
    annotations = read_annotations(paths, schema)
    check_sample(sample, annotations, design, incomplete=incomplete)
    shares = estimate_shares(annotations, design, schema)
    console = Console(highlight=False)
    title = f"{len(annotations)} of {design.population} sentences"
    table = figures_table(console, title, ("Frame", "Share", "95 % interval", "In the sample"))
    for share in shares:
        table.add_row(share.frame, f"{share.share:.1%}", f"{share.low:.1%}–{share.high:.1%}", str(share.sentences))
    console.print(table)
    if json_file is not None:
        json_file.write_text(json.dumps([share.model_dump() for share in shares], indent=2) + "\n", encoding="utf-8")


def _suggested(
    sources: Sequence[Path],
    number: int,
    texts: Sequence[str],
    schema: Codebook,
    checkpoint: Path,
    encoder: str,
    seed: int,
) -> list[Candidate]:
    from training.embeddings import embed
    from training.suggestions import suggest as choose

    def load() -> Labeller:
        labeller = Labeller.from_checkpoint(checkpoint)
        try:
            schema.check_labels(labeller.codebook)
        except CodebookError as error:
            raise CodebookError(f"{error} Its folder goes with --checkpoint.") from None
        return labeller

    found = _counted(read_candidates(sources, schema, load))
    names = ", ".join(map(str, sources))
    first = next(found, None)
    if first is None:
        raise FramelineError(f"{names}: no sentence there")
    chosen = choose(chain([first], found), number, texts, lambda these: embed(these, encoder), seed)
    if not chosen:
        raise FramelineError(f"{names}: every sentence there is annotated, or like one that is")
    if len(chosen) < number:
        click.echo(f"{names}: no more than {len(chosen)} there are neither annotated nor like others", err=True)
    return chosen


def _counted(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Show how many were read."""
    yield from track(candidates, "Reading sentences", total=None, console=Console(stderr=True), transient=True)


def _blank(candidate: Candidate, origin: str) -> Annotation:
    """A sentence that nobody has annotated yet."""
    return Annotation(
        id=candidate.id,
        document=candidate.document,
        text=candidate.text,
        frames=(),
        actors=(),
        annotator=NOBODY,
        origin=origin,
    )
