"""A sample of a scored archive, labelled again by another model."""

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, ValidationError

from model.codebook import Codebook
from model.errors import InputError
from model.faults import describe
from model.labeller import Labeller
from model.prediction import Document, TextDocument
from training.archive_change import SHOWN, ArchiveChange, Change, Flip
from training.estimation import NORMAL
from training.evaluation import frame_probability, present_frames

_MANIFEST = "manifest.json"
_NOT_GIVEN = "not given"


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str
    version: str


class _Manifest(BaseModel):
    """What is taken from an archive's manifest, which holds more."""

    model_config = ConfigDict(extra="ignore")

    model: _Model


class _Row(NamedTuple):
    """A sentence as it was scored: the frames it had, and its mentions with their stances."""

    id: str
    document: str
    text: str
    frames: dict[str, bool]
    stances: dict[str, str]


def measure_change(
    folder: Path, labeller: Labeller, size: int, seed: int = 0, *, advance: Callable[[int], None]
) -> ArchiveChange:
    """Label a random sample of an archive's sentences again, with the mentions that its tables have.

    Args:
        folder: what `frameline score` wrote.
        labeller: the candidate.
        size: sentences of the sample.
        seed: of the sample.
        advance: is told how many sentences are done.

    Raises:
        InputError: there is no finished archive with texts there.
    """
    manifest, parts = check_archive(folder)
    columns = pq.read_schema(parts[0]).names
    frames = [frame for frame in labeller.codebook.frame_ids if frame in columns]
    counts, rows = _sample(parts, frames, size, seed)
    rows = _with_stances(folder, rows)
    labelled = _label(labeller, rows, advance)
    total = sum(pq.read_metadata(part).num_rows for part in parts)
    part = len(rows) / total
    mentions = [
        (row, document, mention) for row, document in zip(rows, labelled, strict=True) for mention in row.stances
    ]
    return ArchiveChange(
        folder=str(folder),
        scored_by=f"{manifest.model.name} {manifest.model.version}",
        sentences=total,
        sample=len(rows),
        mentions=len(mentions),
        frames=tuple(_frame_change(name, counts[name] / total, rows, labelled, part) for name in frames),
        stances=tuple(_stance_change(name, mentions, part) for name in labeller.codebook.stance_ids)
        if mentions
        else (),
        missing=_missing(labeller.codebook, columns),
    )


def check_archive(folder: Path) -> tuple[_Manifest, list[Path]]:
    """The manifest of an archive, and its tables of sentences.

    Raises:
        InputError: there is no finished archive with texts there.
    """
    manifest = _read_manifest(folder)
    parts = sorted((folder / "sentences").glob("*.parquet"))
    if sum(pq.read_metadata(part).num_rows for part in parts) == 0:
        raise InputError(str(folder), "no scored sentences there (sentences/*.parquet)")
    if "text" not in pq.read_schema(parts[0]).names:
        raise InputError(str(folder), "its tables have no texts (--no-text), so nothing can be labelled again")
    return manifest, parts


def _read_manifest(folder: Path) -> _Manifest:
    try:
        return _Manifest.model_validate_json((folder / _MANIFEST).read_bytes())
    except OSError:
        raise InputError(str(folder), f"no finished archive there ({_MANIFEST} is missing)") from None
    except ValidationError as error:
        raise InputError(str(folder / _MANIFEST), "; ".join(describe(error))) from None


def _missing(codebook: Codebook, columns: Sequence[str]) -> tuple[str, ...]:
    """Frames that only the candidate has, or only the tables."""
    scored = [name.removesuffix("_probability") for name in columns if name.endswith("_probability")]
    return tuple(name for name in (*codebook.frame_ids, *scored) if not (name in codebook.frame_ids and name in scored))


def _sample(parts: Sequence[Path], frames: Sequence[str], size: int, seed: int) -> tuple[dict[str, int], list[_Row]]:
    """How many sentences have each frame, and the sampled ones; one row group is in memory at a time."""
    total = sum(pq.read_metadata(part).num_rows for part in parts)
    chosen = np.sort(np.random.default_rng(seed).choice(total, min(size, total), replace=False))
    counts, rows = dict.fromkeys(frames, 0), []
    first = 0
    for part in parts:
        file = pq.ParquetFile(part)
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, columns=["sentence_id", "document", "text", *frames])
            for frame in frames:
                counts[frame] += int(np.count_nonzero(table[frame].to_numpy()))
            inside = chosen[(chosen >= first) & (chosen < first + table.num_rows)] - first
            rows += [_row(record, frames) for record in table.take(inside).to_pylist()]
            first += table.num_rows
    return counts, rows


def _row(record: dict[str, Any], frames: Sequence[str]) -> _Row:
    given = {frame: bool(record[frame]) for frame in frames}
    return _Row(record["sentence_id"], record["document"], record["text"], given, {})


def _with_stances(folder: Path, rows: list[_Row]) -> list[_Row]:
    """The rows with the stances that stand in the tables."""
    by_id = {row.id: row for row in rows}
    for part in sorted((folder / "stances").glob("*.parquet")):
        file = pq.ParquetFile(part)
        for batch in file.iter_batches(columns=["sentence_id", "mention", "stance"]):
            for record in batch.to_pylist():
                row = by_id.get(record["sentence_id"])
                if row is not None:
                    row.stances[record["mention"]] = record["stance"]
    return rows


def _label(labeller: Labeller, rows: Sequence[_Row], advance: Callable[[int], None]) -> list[Document]:
    """Each sentence by itself, which gives the frames that it has in its document, too."""

    def documents() -> Iterator[TextDocument]:
        for row in rows:
            mentions = tuple(mention for mention in row.stances if mention in row.text)
            yield TextDocument(id=row.id, text=row.text, actors=mentions)

    labelled = []
    for document in labeller.classify_documents(documents(), split=False):
        labelled.append(document)
        advance(1)
    return labelled


def _frame_change(name: str, share: float, rows: Sequence[_Row], labelled: Sequence[Document], part: float) -> Change:
    decisions = [
        (row.frames[name], name in present_frames(document)) for row, document in zip(rows, labelled, strict=True)
    ]
    words = {True: "given", False: _NOT_GIVEN}
    flips = [
        Flip(
            sentence_id=row.id,
            document=row.document,
            text=row.text,
            before=words[before],
            after=words[after],
            probability=frame_probability(document, name),
        )
        for row, document, (before, after) in zip(rows, labelled, decisions, strict=True)
        if before != after
    ]
    return _change(name, share, decisions, flips, part)


def _stance_change(name: str, mentions: Sequence[tuple[_Row, Document, str]], part: float) -> Change:
    decisions, flips = [], []
    for row, document, mention in mentions:
        actors = (actor for sentence in document.sentences for actor in sentence.actors)
        given = next((actor for actor in actors if actor.mention == mention), None)
        before, after = row.stances[mention], "not judged" if given is None else given.stance
        decisions.append((before == name, after == name))
        if before != after and after == name and given is not None:
            flip = {"before": f"{mention}: {before}", "after": after, "probability": given.confidence}
            flips.append(
                Flip.model_validate({"sentence_id": row.id, "document": row.document, "text": row.text, **flip})
            )
    return _change(name, None, decisions, flips, part)


def _change(
    name: str, archive: float | None, decisions: Sequence[tuple[bool, bool]], flips: list[Flip], part: float
) -> Change:
    """A change; ``part`` is the share of the archive that was labelled again."""
    size = len(decisions)
    gained = sum(after and not before for before, after in decisions)
    lost = sum(before and not after for before, after in decisions)
    low, high = _interval(gained, lost, size, part)
    surest = sorted(flips, key=lambda flip: flip.probability if flip.after == _NOT_GIVEN else -flip.probability)
    sides = [[flip for flip in surest if flip.after == word] for word in dict.fromkeys(flip.after for flip in surest)]
    return Change(
        label=name,
        archive=archive,
        before=sum(before for before, _ in decisions) / size,
        after=sum(after for _, after in decisions) / size,
        low=low,
        high=high,
        gained=gained,
        lost=lost,
        examples=tuple(flip for side in sides for flip in side[:SHOWN]),
    )


def _interval(gained: int, lost: int, size: int, part: float) -> tuple[float, float]:
    """The 95 % interval of the difference of two shares of one sample.

    Wald's with half a decision added to each of the four cells (Agresti and Min 2005, Statistics in Medicine 24), so
    that it has a width where nothing changes; of a large part of the archive it is narrower, of all of it a point.
    """
    if part >= 1:
        return (gained - lost) / size, (gained - lost) / size
    change, changed, number = ((value / (1 - part)) for value in (gained - lost, gained + lost, size))
    middle = change / (number + 2)
    half = NORMAL * math.sqrt(changed + 1 - change**2 / (number + 2)) / (number + 2)
    return max(-1.0, middle - half), min(1.0, middle + half)
