"""``frameline annotations hold-out``."""

from pathlib import Path

import click

from model.annotation import read_annotations
from model.codebook import Codebook
from model.errors import FramelineError
from training.formats.json_lines import JsonLines
from training.options import PATHS, check_free, codebook_option, usual_codebook
from training.splits import part_of

#: Other than the seeds of training, which draws documents in the same way and has to find some among the rest.
_SEED = -1


@click.command(
    "hold-out",
    epilog="\b\nExample:\n  frameline annotations hold-out corrected.jsonl --out kept.jsonl"
    "\n  frameline train --from-annotations corrected.jsonl --reserved kept.jsonl --base default --out runs/corrected",
)
@click.argument("paths", type=PATHS, nargs=-1, required=True, metavar="FILE|FOLDER...")
@click.option("--out", type=PATHS, required=True, help="Where to write the sentences that are kept; a new file.")
@click.option(
    "--share",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.3,
    show_default=True,
    help="About how many.",
)
@codebook_option
def hold_out(paths: tuple[Path, ...], out: Path, share: float, codebook: Path) -> None:
    """Copy a share of the documents into a file of their own, on which models are compared.

    Whole documents are taken, since sentences of one are alike. The document's id decides: with the same share, a
    document that was kept once is kept again when there are more. `frameline train --reserved FILE` learns nothing
    of them, so the file that they come from stays as it is.
    """
    schema = Codebook.load(codebook)
    check_free(out)
    read = read_annotations(paths, schema, by_somebody=True)
    kept = [one for one in read if part_of(one.document, _SEED, share) == "development"]
    documents, held_out = ({one.document for one in rows} for rows in (read, kept))
    if not held_out or held_out == documents:
        raise FramelineError(
            f"--share {share:g}: {len(held_out)} of {len(documents)} documents would be kept; give another share, or "
            "annotate more documents"
        )
    JsonLines().write(kept, out, schema)
    click.echo(
        f"{out}: {len(kept)} sentences of {len(held_out)} documents; {len(read) - len(kept)} of "
        f"{len(documents) - len(held_out)} remain to be learned from"
    )
    sources = " ".join(f"--from-annotations {path}" for path in paths)
    named = "" if codebook == usual_codebook() else f" --codebook {codebook}"
    click.echo(f"Next: frameline train {sources} --reserved {out}{named} --base default --out RUN", err=True)
