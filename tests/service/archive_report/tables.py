"""Makes the tables of a scored archive, with invented texts; run as a module, it makes a large one to measure with.

``python -m tests.service.archive_report.tables FOLDER --documents 62500``
"""

import hashlib
import json
import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
import pyarrow.parquet as pq

OUTLETS = ("The Harbour Post", "Northern Courier", "Valley Herald", "Capital Gazette", "Coastwatch")
FRAMES = ("security_justification", "humanitarian_concern", "alliance_criticism")
STANCES = ("supportive", "neutral", "critical")
ACTORS = (
    ("nato", "NATO"),
    ("united-nations", "UN"),
    ("russia", "Moscow"),
    ("ukraine", "Kyiv"),
    ("turkey", "Ankara"),
    ("greece", "Athens"),
    ("united-states", "Washington"),
    ("european-union", "EU"),
    (None, "Commander Vell"),
    (None, "Harbour Union"),
)
_OPENINGS = (
    "On {day}, {actor}", "According to two officials, {actor}", "By nightfall {actor}", "In its weekly note {actor}",
    "Before the council met, {actor}", "Late in the evening {actor}",
)  # fmt: skip
_ENDINGS = {
    "security_justification": (
        "called the closed strait a shield that no harbour town could do without",
        "said more patrols were needed so that no raid would come across the ridge again",
        "defended the new fence as the price of a quiet border",
    ),
    "humanitarian_concern": (
        "asked for bread and blankets for the families in the school hall",
        "counted forty children among those who fled the flooded quarter",
        "was told that the clinic had neither power nor clean water",
    ),
    "alliance_criticism": (
        "heard from its partners that the promised ships would not come",
        "doubted that the old guarantee was worth the paper it stands on",
        "accused its allies of leaving the bill to the smallest among them",
    ),
    None: (
        "will send a delegation to the trade fair",
        "received the visitors at the railway station",
        "published the minutes of the meeting",
        "put off the vote on the harbour dues",
    ),
}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")

Columns = Callable[[int, date, str], dict[str, Any]]


def dated_outlets(number: int, day: date, outlet: str) -> dict[str, Any]:
    """The columns that pass through by default."""
    return {"outlet": outlet, "date": day.isoformat()}


def write_tables(
    folder: Path,
    *,
    documents: int = 250,
    frames: Sequence[str] = FRAMES,
    stances: Sequence[str] = STANCES,
    columns: Columns = dated_outlets,
    text: Callable[[str], str] | None = str,
    actor: Callable[[str], str] = str,
    days: int = 730,
    rejections: Sequence[dict[str, Any]] = (),
    codebook: str = "conflict-framing-1.0+0123456789ab",
) -> Path:
    """Write tables, manifest and list of rejections as ``frameline score`` does; returns ``folder``.

    Args:
        folder: where to.
        documents: how many, with some twelve sentences each.
        frames: ids; frames beyond the invented texts' get probabilities only.
        stances: ids, the last the least friendly.
        columns: number, day and outlet of a document to the values that pass through.
        text: what becomes of a sentence's text; None leaves texts out.
        actor: what becomes of a mention.
        days: over how many days the documents spread.
        rejections: the lines of ``rejected.jsonl``.
        codebook: the label of the model's codebook.
    """
    rng = random.Random(7)
    folder.mkdir(parents=True, exist_ok=True)
    counts = {"documents": documents, "sentences": 0, "stances": 0, "saved": 37, "scored": 0}
    for part, first in enumerate(range(0, documents, 5000)):
        sentences: list[dict[str, Any]] = []
        judged: list[dict[str, Any]] = []
        for number in range(first, min(first + 5000, documents)):
            _document(
                rng, number, days * number // max(documents, 1), frames, stances, columns, actor, sentences, judged
            )
        for row in sentences:
            row["text"] = text(row["text"]) if text is not None else None
        table = pa.Table.from_pylist(sentences)
        _write(table if text is not None else table.drop_columns("text"), folder / "sentences", part)
        _write(pa.Table.from_pylist(judged, schema=_stance_schema(stances)), folder / "stances", part)
        counts["sentences"] += len(sentences)
        counts["stances"] += len(judged)
    if documents == 0:
        _write(pa.table({name: pa.array([], type) for name, type in _sentence_types(frames)}), folder / "sentences", 0)
        _write(pa.Table.from_pylist([], schema=_stance_schema(stances)), folder / "stances", 0)
    lines = [json.dumps(rejection) + "\n" for rejection in rejections]
    (folder / "rejected.jsonl").write_text("".join(lines), encoding="utf-8")
    _write_manifest(folder, frames, stances, counts, rejections, codebook)
    return folder


def _document(
    rng: random.Random,
    number: int,
    day: int,
    frames: Sequence[str],
    stances: Sequence[str],
    columns: Columns,
    actor: Callable[[str], str],
    sentences: list[dict[str, Any]],
    judged: list[dict[str, Any]],
) -> None:
    when = date(2022, 3, 1) + timedelta(days=day)
    place = min(int(rng.expovariate(0.6)), len(OUTLETS) - 1)
    passed = columns(number, when, OUTLETS[place])
    # a topic of the whole document, so that its sentences resemble each other
    leaning = [rng.betavariate(0.7, 2.6) * (0.6 + 0.2 * ((place + i) % 4)) / (1 + i) for i in range(len(frames))]
    leaning[0] *= 1.6 - day / 700
    at = 0
    for position in range(rng.randint(6, 18)):
        present = [rng.random() < share for share in leaning]
        kind = next((frame for frame, here in zip(frames, present, strict=True) if here and frame in _ENDINGS), None)
        known, mention = ACTORS[min(int(rng.expovariate(0.35)), len(ACTORS) - 1)]
        mention = actor(mention)
        opening = rng.choice(_OPENINGS).format(day=rng.choice(_DAYS), actor=mention)
        sentence = f"{opening} {rng.choice(_ENDINGS[kind])}, page {rng.randint(1, 99)} of {rng.randint(100, 999)}."
        key = f"a1b2c3d4-{number:07d}-{position:04d}"
        row: dict[str, Any] = {
            "sentence_id": key, "document": f"doc-{number}", "position": position, "start": at,
            "end": at + len(sentence), "text": sentence,
        }  # fmt: skip
        for frame, here in zip(frames, present, strict=True):
            row[frame] = here
            row[f"{frame}_probability"] = rng.uniform(0.5, 0.999) if here else rng.betavariate(1, 9) * 0.5
        sentences.append(row | passed)
        if rng.random() < 0.7:
            start = at + sentence.index(mention)
            judged.append(_stance(rng, key, number, mention, start, known, stances, place))
        at += len(sentence) + 1


def _stance(
    rng: random.Random,
    key: str,
    number: int,
    mention: str,
    start: int,
    known: str | None,
    stances: Sequence[str],
    place: int,
) -> dict[str, Any]:
    seed = hashlib.blake2b(f"{mention}{place}".encode(), digest_size=1).digest()[0] / 255
    weights = [0.2 if i == 0 else 0.3 + seed if i == len(stances) - 1 else 1.0 for i in range(len(stances))]
    stance = rng.choices(stances, weights)[0]
    rest = 0.2 / (len(stances) - 1)
    return {
        "sentence_id": key, "document": f"doc-{number}", "mention": mention, "start": start,
        "end": start + len(mention), "actor": known, "stance": stance,
        **{f"{name}_probability": 0.8 if name == stance else rest for name in stances},
    }  # fmt: skip


def _sentence_types(frames: Sequence[str]) -> list[tuple[str, pa.DataType]]:
    own = [("sentence_id", pa.string()), ("document", pa.string()), ("position", pa.int32()), ("start", pa.int64())]
    labels = [(frame, pa.bool_()) for frame in frames] + [(f"{frame}_probability", pa.float64()) for frame in frames]
    return [*own, ("end", pa.int64()), ("text", pa.string()), *labels]


def _stance_schema(stances: Sequence[str]) -> pa.Schema:
    texts = [(name, pa.string()) for name in ("sentence_id", "document", "mention", "actor", "stance")]
    numbers = [("start", pa.int64()), ("end", pa.int64())]
    return pa.schema([*texts, *numbers, *((f"{name}_probability", pa.float64()) for name in stances)])


def _write(table: pa.Table, folder: Path, part: int) -> None:
    folder.mkdir(exist_ok=True)
    pq.write_table(table, folder / f"part-{part:06d}.parquet", compression="zstd")


def _write_manifest(
    folder: Path,
    frames: Sequence[str],
    stances: Sequence[str],
    counts: dict[str, int],
    rejections: Sequence[dict[str, Any]],
    codebook: str,
) -> None:
    kinds = {kind: sum(rejection["kind"] == kind for rejection in rejections) for kind in ("fault", "language")}
    manifest = {
        "frameline": "0.3.0",
        "model": {"name": "frameline-minilm", "version": "0.3.0", "codebook": codebook},
        "frames": [{"id": name, "name": _title(name), "threshold": 0.5} for name in frames],
        "stances": [{"id": name, "name": _title(name)} for name in stances],
        "options": {"language": "en"},
        "inputs": [
            {"url": "press/2022.jsonl.gz", "format": "jsonl", "size": 81234, "sha256": "ab" * 32, "records": 130},
            {"url": "press/2023.jsonl.gz", "format": "jsonl", "size": 80123, "sha256": "cd" * 32, "records": 130},
        ],
        "counts": {**counts, "scored": counts["sentences"] - counts["saved"], "rejected": kinds},
        "started": "2024-04-02T08:00:00+00:00",
        "finished": "2024-04-02T08:00:07+00:00",
        "engine": "local",
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2), encoding="utf-8")


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--documents", default=250, show_default=True)
def main(folder: Path, documents: int) -> None:
    """Write invented tables into FOLDER."""
    write_tables(folder, documents=documents)


if __name__ == "__main__":
    main()
