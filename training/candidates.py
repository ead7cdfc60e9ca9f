"""Sentences that could be annotated next: from texts, or from the tables of ``frameline score``."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.codebook import Codebook
from model.errors import FaultsError, InputError
from model.labeller import Labeller
from model.prediction import Sentence, TextDocument, make_document
from model.sentences import split
from model.standoff import read_corpus

_TABLES = "sentences"
_STANCES = "stances"


@dataclass(frozen=True)
class Candidate:
    """A sentence; ``uncertainty`` is from 0, sure, to 1, and ``stratum`` the value of a column."""

    id: str
    document: str
    text: str
    uncertainty: float = 0.0
    stratum: str = ""


def read_candidates(
    paths: Iterable[Path],
    codebook: Codebook,
    load: Callable[[], Labeller] | None = None,
    column: str | None = None,
) -> Iterator[Candidate]:
    """Yield the sentences of text files, JSON Lines, and tables.

    Args:
        paths: ``.txt`` files, ``.jsonl`` of ``{"id", "text"}``, ``.parquet`` tables of sentences, and folders of them;
            a folder that ``frameline score`` wrote stands for its sentences.
        codebook: its frames are the columns of the tables; its language that of the texts.
        load: loads what judges texts, when there are any; None leaves the uncertainty of every sentence at 0.
        column: column of the tables, field of the JSON Lines that holds the stratum.

    Raises:
        FaultsError: a file cannot be read, or lacks what is needed; two texts have one id.
    """
    files = [file for path in paths for file in _files(path)]
    texts = [file for file in files if file.suffix != ".parquet"]
    for file in files:
        if file not in texts:
            yield from _from_table(file, codebook, load is not None, column)
    labeller = load() if texts and load is not None else None
    known: dict[str, Path] = {}
    try:
        for file in texts:
            yield from _from_texts(file, codebook, labeller, column, known)
    finally:
        if labeller is not None:
            labeller.close()


def uncertainty(probabilities: Iterable[Sequence[float]]) -> float:
    """The largest entropy among distributions, each in parts of the largest that it could have; 0 without any."""
    return max((_entropy(distribution) for distribution in probabilities), default=0.0)


def _entropy(distribution: Sequence[float]) -> float:
    return -sum(p * math.log(p) for p in distribution if p > 0) / math.log(len(distribution))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        if not path.is_file() or path.suffix not in (".txt", ".jsonl", ".parquet"):
            raise FaultsError([f"{path}: needed is a .txt, .jsonl or .parquet file, or a folder of such files"])
        return [path]
    folder = path / _TABLES if (path / _TABLES).is_dir() else path
    files = sorted(file for file in folder.rglob("*") if file.suffix in (".txt", ".jsonl", ".parquet"))
    if not files:
        raise FaultsError([f"{path}: no .txt, .jsonl or .parquet files there"])
    return files


def _from_texts(
    file: Path, codebook: Codebook, labeller: Labeller | None, column: str | None, known: dict[str, Path]
) -> Iterator[Candidate]:
    """Yield the sentences of a file's documents; ``known`` says in which file an id is, and gets those of this one."""
    documents: dict[str, tuple[str, str]] = {}
    faults = []
    for record in _records(file):
        if column is not None and column not in record:
            faults.append(f"{file}: {record['id']!r}: the field {column!r} is missing; --stratify needs it everywhere")
        if record["id"] in known:
            there = "there" if record["id"] in documents else f"in {known[record['id']]}"
            faults.append(f"{file}: {record['id']!r}: a document with this id is {there} already; give each its own")
        known.setdefault(record["id"], file)
        try:
            make_document({"id": record["id"], "text": record["text"]})
        except InputError as error:
            faults.append(f"{file}: {record['id']!r}: {error}")
        documents[record["id"]] = (record["text"], str(record.get(column, "")) if column is not None else "")
    if faults:
        raise FaultsError(faults)
    if labeller is None:
        for name, (text, stratum) in documents.items():
            for number, place in enumerate(split(text, codebook.language)):
                yield Candidate(f"{name}-{number:04d}", name, text[place.start : place.end], stratum=stratum)
        return
    given: Iterator[TextDocument] = (make_document({"id": name, "text": documents[name][0]}) for name in documents)
    for document in labeller.classify_documents(given):
        assert document.id is not None  # noqa: S101 - given above
        for number, sentence in enumerate(document.sentences):
            stratum = documents[document.id][1]
            name = f"{document.id}-{number:04d}"
            yield Candidate(name, document.id, sentence.text, _uncertainty(sentence), stratum)


def _records(file: Path) -> Iterable[Mapping[str, Any]]:
    if file.suffix == ".jsonl":
        return read_corpus(file)
    try:
        return [{"id": file.stem, "text": file.read_text(encoding="utf-8-sig")}]
    except UnicodeDecodeError as error:
        raise FaultsError(
            [f"{file}: not UTF-8 ({error.reason} at byte {error.start}); save it again as UTF-8"]
        ) from None


def _uncertainty(sentence: Sentence) -> float:
    frames = [(score.probability, 1 - score.probability) for score in sentence.frames]
    return uncertainty([*frames, *(tuple(actor.probabilities.values()) for actor in sentence.actors)])


def _from_table(file: Path, codebook: Codebook, judge: bool, column: str | None) -> Iterator[Candidate]:
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(file)
    except (OSError, ValueError) as error:  # pyarrow's own errors are of these kinds
        raise FaultsError([f"{file}: not a Parquet table ({str(error).splitlines()[0]})"]) from None
    probabilities = [f"{frame}_probability" for frame in codebook.frame_ids] if judge else []
    needed = ["sentence_id", "document", "text", *probabilities, *([] if column is None else [column])]
    missing = [name for name in needed if name not in table.schema_arrow.names]
    if missing:
        remedy = "score again without --no-text" if missing == ["text"] else "give tables of `frameline score`"
        raise FaultsError([f"{file}: the columns {', '.join(missing)} are missing; {remedy}"])
    stances = _stance_uncertainty(file, codebook) if judge else dict[str, float]().get
    rows = (row for batch in table.iter_batches(columns=needed) for row in batch.to_pylist())
    for number, row in enumerate(rows, start=1):
        faults = [
            f"{file}: row {number}: {name}: {row[name]!r} is not {wanted}; give tables of `frameline score`"
            for names, wanted, fits in (
                (("sentence_id", "document", "text"), "a text, or blank", _is_words),
                (probabilities, "a number from 0 to 1", _is_probability),
            )
            for name in names
            if not fits(row[name])
        ]
        if faults:
            raise FaultsError(faults)
        frames = uncertainty([(row[name], 1 - row[name]) for name in probabilities])
        judged = max(frames, stances(row["sentence_id"]) or 0.0)
        stratum = "" if column is None else str(row[column])
        yield Candidate(row["sentence_id"], row["document"], row["text"], judged, stratum)


def _is_words(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_probability(value: object) -> bool:
    return isinstance(value, (int, float)) and 0 <= value <= 1


def _stance_uncertainty(file: Path, codebook: Codebook) -> Callable[[str], float | None]:
    """The largest uncertainty of a stance by sentence, from the part of the stances that belongs to a part."""
    import pyarrow.parquet as pq

    part = file.parent.parent / _STANCES / file.name
    if file.parent.name != _TABLES or not part.is_file():
        return dict[str, float]().get
    names = [f"{stance}_probability" for stance in codebook.stance_ids]
    found: dict[str, float] = {}
    for row in pq.read_table(part, columns=["sentence_id", *names]).to_pylist():
        judged = uncertainty([[row[name] for name in names]])
        found[row["sentence_id"]] = max(found.get(row["sentence_id"], 0.0), judged)
    return found.get
