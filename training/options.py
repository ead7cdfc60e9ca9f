"""Options that the commands on annotations share."""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from model.annotation import Annotation
from model.checkpoint import CODEBOOK, DEFAULT
from model.errors import FaultsError, FramelineError

FOLDER = Path("data/annotations")
PATHS = click.Path(path_type=Path)


def usual_codebook() -> Path:
    """The codebook of the annotations in the working folder; where there is none, that of the checkpoint that ships."""
    file = FOLDER / CODEBOOK
    return file if file.is_file() else DEFAULT / CODEBOOK


codebook_option = click.option(
    "--codebook",
    type=PATHS,
    default=usual_codebook,
    show_default=f"{FOLDER / CODEBOOK}, or the one that ships",
    help="The labelling schema.",
)

further_actors_option = click.option(
    "--codebook",
    type=PATHS,
    help="A codebook with further actors, by which the sentences are labelled and checked.",
)


def check_unread(read: Iterable[Path], *targets: Path | None) -> None:
    """Check that no target is a file that is read.

    Raises:
        FaultsError: every target that is, or that lies in a folder that is read and is there already.
    """
    taken = [
        target
        for target in targets
        for source in read
        if target is not None
        and target.exists()
        and (target.resolve() == source.resolve() or source.resolve() in target.resolve().parents)
    ]
    if taken:
        raise FaultsError([f"{target}: is read here and would be replaced; give another name" for target in taken])


def check_writable(*targets: Path | None) -> None:
    """Check before long work that what it yields can be written.

    Raises:
        FaultsError: every target that cannot.
    """
    faults = [f"{target}: {fault}" for target in targets if target is not None and (fault := _obstacle(target))]
    if faults:
        raise FaultsError(faults)


def _obstacle(target: Path) -> str | None:
    """Why a file cannot be written there."""
    if target.is_dir():
        return "is a folder; give the name of a file"
    if not target.parent.is_dir():
        return f"cannot be written: there is no folder {target.parent}; make it, or give another name"
    if not os.access(target if target.exists() else target.parent, os.W_OK):
        return "cannot be written: permission denied; give another name"
    return None


def check_one_each(annotations: Sequence[Annotation], path: Path) -> None:
    """Check that each sentence has one annotation, so that it counts once, and with one set of labels.

    Raises:
        FramelineError: several annotators annotated the same sentences.
    """
    counts = Counter(annotation.id for annotation in annotations)
    several = [name for name, count in counts.items() if count > 1]
    if several:
        raise FramelineError(
            f"{path}: {len(several)} sentences have several annotators (the first: {several[0]!r}): put them together "
            "with `frameline annotations agreement` and `adjudicate`, or keep one annotator's"
        )


def check_free(*targets: Path) -> None:
    """Check that nothing would be overwritten.

    Raises:
        FaultsError: every target that is there already; an empty folder is none.
    """
    taken = [target for target in targets if target.exists() and not (target.is_dir() and not any(target.iterdir()))]
    if taken:
        raise FaultsError([f"{target}: is there already; move it away, or give another name" for target in taken])
