"""What is wrong between the files of a folder of annotations: the descriptions of its articles, and its passes."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel

from model.articles import ARTICLES_FILE
from model.record_lines import read_records

#: The passes over a folder's sentences lie below it.
PASSES = ("passes/first.jsonl", "passes/second.jsonl")
#: The origin of sentences that were written for the project, and the annotator of what two passes were made into.
AUTHORED, ADJUDICATED = "authored", "adjudicated"


class _Article(BaseModel):
    """Of which document a description is."""

    document: str


class _Sentence(BaseModel):
    """Which sentence was labelled, by whom, and where it comes from."""

    id: str
    document: str
    annotator: str
    origin: str


class _Rows(NamedTuple):
    """The sentences of some files, each with its place; ``whole`` where every line could be read."""

    placed: list[tuple[str, _Sentence]]
    whole: bool


def check_folders(files: Iterable[Path]) -> list[str]:
    """Compare files that belong together; each fault has file, line and field.

    Where ``files`` hold all of a folder that describes its articles, every authored document beside the descriptions
    is to be described, and every article to have sentences. A folder's passes are each to have every adjudicated
    sentence of the files beside them. Where a line that cannot be read may be what lacks, nothing is said.
    """
    folders: dict[Path, list[Path]] = {}
    for file in files:
        folders.setdefault(file.parent, []).append(file)
    faults = []
    for folder, beside in folders.items():
        passes = [folder / name for name in PASSES if folder / name in folders.get((folder / name).parent, ())]
        articles = folder / ARTICLES_FILE
        described = articles in beside and {*folder.glob("*.jsonl")} <= {*beside}
        if passes or described:
            rows = _read(file for file in beside if file != articles)
            faults += _check_articles(articles, rows) if described else []
            faults += [fault for file in passes for fault in _check_pass(file, rows)]
    return faults


def _check_articles(file: Path, rows: _Rows) -> list[str]:
    lines = [(place, article) for place, article, _ in read_records(file, _Article)]
    described: dict[str, str] = {}
    for place, article in lines:
        if article is not None:
            described.setdefault(article.document, place)
    written: dict[str, str] = {}
    for place, sentence in rows.placed:
        if sentence.origin == AUTHORED:
            written.setdefault(sentence.document, place)
    faults = []
    if rows.whole:
        known = {sentence.document for _, sentence in rows.placed}
        faults += [
            f"{place}: document: {name!r} has no sentence in the files beside; add its sentences, or take it out"
            for name, place in described.items()
            if name not in known
        ]
    if all(article is not None for _, article in lines):
        faults += [
            f"{place}: document: {name!r} is not described in {file}; describe it there"
            for name, place in written.items()
            if name not in described
        ]
    return faults


def _check_pass(file: Path, rows: _Rows) -> list[str]:
    found = _read([file])
    labelled = {sentence.id for _, sentence in found.placed}
    return [
        f"{place}: id: {sentence.id!r} is adjudicated, but not in {file}; add what it says of it"
        for place, sentence in rows.placed
        if found.whole and sentence.annotator == ADJUDICATED and sentence.id not in labelled
    ]


def _read(files: Iterable[Path]) -> _Rows:
    lines = [(place, sentence) for file in files for place, sentence, _ in read_records(file, _Sentence)]
    placed = [(place, sentence) for place, sentence in lines if sentence is not None]
    return _Rows(placed, len(placed) == len(lines))
