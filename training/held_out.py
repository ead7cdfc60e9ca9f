"""Annotated sentences on which models are compared: those that none of them has seen."""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from pathlib import Path
from typing import NamedTuple

from model.annotation import Annotation, read_annotations
from model.annotation_files import annotation_files
from model.checkpoint import Checkpoint, digest
from model.codebook import Codebook
from model.errors import CodebookError, FramelineError
from model.seen import Seen
from training.comparison import Known
from training.contender import Contender
from training.options import check_one_each
from training.seen import trace


class HeldOut(NamedTuple):
    """The sentences, the files' SHA-256, and which sentences a model has seen.

    ``codebook`` is the one with further actors by which the models label, None where each has its own.
    ``lineage_unknown`` names the models of which nothing says what they have seen, or not everything.
    """

    sentences: list[Annotation]
    data: dict[str, str]
    known: tuple[Known, ...]
    lineage_unknown: tuple[str, ...]
    codebook: Codebook | None


def read_held_out(
    paths: Sequence[Path], a: Contender, b: Contender, *, keep_known: bool, codebook: Path | None = None
) -> HeldOut:
    """Read annotated sentences and leave out those of documents from which either model was made.

    Args:
        paths: annotation files or folders.
        a: a model.
        b: another one; the annotations may have the labels of both.
        keep_known: leave none out.
        codebook: the file of a codebook with further actors for both.

    Raises:
        FaultsError: the annotations are faulty.
        FramelineError: no sentence is left, or ``codebook`` cannot be read or has other labels than one of the models.
    """
    given = None if codebook is None else Codebook.load(codebook)
    read = read_annotations(paths, _joined(_codebook(a, given), _codebook(b, given)), by_somebody=True)
    if not read:
        raise FramelineError(f"{', '.join(map(str, paths))}: no annotated sentences there")
    contenders = {contender.digest: contender for contender in (a, b)}.values()
    check_one_each(read, paths[0])
    seen = {contender.name: _seen(contender) for contender in contenders}
    known = tuple(
        Known(id=one.id, document=one.document, model=name, part=part)
        for name, record in seen.items()
        for one in read
        if (part := record.part(one.document)) is not None
    )
    documents = {one.document for one in known}
    kept = [one for one in read if keep_known or one.document not in documents]
    if not kept:
        raise FramelineError(
            f"{', '.join(map(str, paths))}: all {len(read)} sentences are of documents that {a.name} or {b.name} was "
            "made from; annotate others, or give --keep-known to look at figures that prove nothing"
        )
    return HeldOut(
        kept,
        {str(file): digest(file) for file in (*annotation_files(paths), *([] if codebook is None else [codebook]))},
        known,
        tuple(name for name, record in seen.items() if record.unknown),
        given,
    )


def _codebook(contender: Contender, given: Codebook | None) -> Codebook:
    """The codebook by which a model labels: the one given, if it has the model's labels, or the model's own."""
    own = Checkpoint.open(contender.folder).codebook
    if given is None:
        return own
    try:
        given.check_labels(own)
    except CodebookError as error:
        raise FramelineError(f"--codebook, {contender.name}: {error}") from None
    return given


def _seen(contender: Contender) -> Seen:
    """What a model has seen, or one that it was made from or that taught it.

    Its checkpoint says so. Where one of an earlier version does not, the registry and the runs that lie there do.
    """
    own = Seen.read(contender.folder)
    if own is not None:
        return own
    before = trace(*(model for lineage in contender.lineages for model in (lineage.base, lineage.teacher)))
    found = reduce(or_, (lineage.seen for lineage in contender.lineages), before.seen)
    on_record = contender.version is not None and contender.version.lineage is not None
    return found if on_record else found | Seen(unknown=frozenset({contender.name}))


def _joined(a: Codebook, b: Codebook) -> Codebook:
    """A codebook with the labels and actors of both, to check annotations by; with as many frames as either allows."""
    same = a.frames_per_sentence == b.frames_per_sentence
    return b.model_copy(
        update={
            "frames_per_sentence": b.frames_per_sentence if same else "any",
            "frames": (*b.frames, *(frame for frame in a.frames if frame.id not in b.frame_ids)),
            "stances": (*b.stances, *(stance for stance in a.stances if stance.id not in b.stance_ids)),
            "actors": (*b.actors, *a.actors),
        }
    )
