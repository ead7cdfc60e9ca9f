"""Annotations by rater: an annotator or, for passes that several people made, a file."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from model.annotation import NOBODY, Annotation, read_annotations
from model.annotation_files import annotation_files, is_standoff
from model.codebook import Codebook
from model.errors import FaultsError, FramelineError
from model.standoff import read_standoff

#: Annotations of each rater by the sentence's id.
Ratings = dict[str, dict[str, Annotation]]


def read_ratings(paths: Sequence[Path], by: str, codebook: Codebook, *, with_text: bool = False) -> Ratings:
    """Read annotations and tell the raters apart.

    Args:
        paths: files and folders.
        by: ``annotator``, ``file``, or ``auto``: by file where there are several files and each of them has every
            sentence once only, as it is with passes; else by annotator.
        codebook: the labels that there are.
        with_text: True refuses stand-off annotations, which otherwise get a blank text.

    Raises:
        FaultsError: every fault in the files; a sentence that nobody has annotated; two texts under one id.
        FramelineError: fewer than two raters, or no sentence that two of them rated.
    """
    standoff = [file for file in annotation_files(paths) if with_text and is_standoff(file)]
    if standoff:
        remedy = "join them with their corpus first, `frameline annotations hydrate`"
        raise FaultsError([f"{file}: stand-off annotations have no text to decide on; {remedy}" for file in standoff])
    files = {file: _read(file, codebook) for file in annotation_files(paths)}
    if by == "auto":
        passes = len(files) > 1 and all(len({one.id for one in rows}) == len(rows) for rows in files.values())
        by = "file" if passes else "annotator"
    ratings: Ratings = {}
    faults = []
    for file, rows in files.items():
        twice: dict[str, list[str]] = {}
        for annotation in rows:
            rater = _name(file, files) if by == "file" else annotation.annotator
            known = ratings.setdefault(rater, {}).setdefault(annotation.id, annotation)
            if known is not annotation:
                twice.setdefault(rater, []).append(annotation.id)
        faults += [
            f"{file}: id: {rater!r} rates {len(names)} sentences twice, the first is {names[0]!r}; keep one of each"
            + (", or use --by annotator" if by == "file" else "")
            for rater, names in twice.items()
        ]
    faults += _texts(ratings)
    if faults:
        raise FaultsError(faults)
    if len(ratings) < 2:
        raise FramelineError(f"only {', '.join(ratings) or 'nobody'} rated these sentences; agreement needs two")
    if not shared(ratings):
        raise FramelineError(f"{', '.join(ratings)} have no sentence in common{_apart(ratings, files)}")
    return ratings


def shared(ratings: Ratings) -> dict[str, dict[str, Annotation]]:
    """The sentences that at least two raters rated: by id, each rater's annotation."""
    sentences: dict[str, dict[str, Annotation]] = {}
    for rater, rows in ratings.items():
        for name, annotation in rows.items():
            sentences.setdefault(name, {})[rater] = annotation
    return {name: rows for name, rows in sentences.items() if len(rows) > 1}


def _apart(ratings: Ratings, files: Iterable[Path]) -> str:
    """What helps where raters have the same texts under different ids; nothing where a file has no texts."""
    if any(map(is_standoff, files)):
        return ""
    counts = Counter(text for rows in ratings.values() for text in {one.text for one in rows.values()})
    several = sum(count > 1 for count in counts.values())
    if not several:
        return ""
    return (
        f", but {several} texts under different ids: a sentence has the same id in every file; import the tables again "
        "without a column id, with the same documents, and the ids follow from document and text"
    )


def _read(file: Path, codebook: Codebook) -> list[Annotation]:
    """The annotations in a file; those of a stand-off file get a blank text, since only their labels count."""
    if not is_standoff(file):
        return read_annotations([file], codebook, by_somebody=True)
    standoffs = read_standoff([file], codebook)
    faults = [
        f"{file}: {standoff.id!r}: annotator: nobody has annotated this sentence yet; annotate it, or take it out"
        for standoff in standoffs
        if standoff.annotator == NOBODY
    ]
    if faults:
        raise FaultsError(faults)
    return [standoff.with_text("x" * (standoff.end - standoff.start)) for standoff in standoffs]


def _name(file: Path, files: dict[Path, list[Annotation]]) -> str:
    """The file's name, or its path where two are called the same."""
    return file.stem if sum(other.stem == file.stem for other in files) == 1 else str(file)


def _texts(ratings: Ratings) -> list[str]:
    return [
        f"id: {name!r} has different texts by {', '.join(rows)}; give different sentences different ids"
        for name, rows in shared(ratings).items()
        if len({annotation.text for annotation in rows.values()}) > 1
    ]
