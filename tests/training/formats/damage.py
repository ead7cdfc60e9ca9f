"""A hundred damaged files, made deterministically, each with what must be said of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from model.annotation import Annotation
from model.codebook import Codebook
from training.formats.registry import get_format

#: One sentence with everything, a character beyond the BMP before the mention.
SENTENCE = {
    "id": "s1",
    "document": "d1",
    "text": "😀 Arland paid Voss late.",
    "frames": ["guarding"],
    "actors": [{"start": 2, "end": 8, "stance": "critical", "actor": "arland"}],
    "undecided": [{"start": 14, "end": 18}],
    "annotator": "ana",
    "origin": "test",
}
Change = Callable[[dict[str, Any]], Any]


def write_damaged(folder: Path, codebook: Codebook) -> list[tuple[Path, str]]:
    """Write the files into ``folder``; each comes with a part of the fault that must be named."""
    damaged = [*_json_lines(folder, codebook), *_tables(folder, codebook), *_layered(folder, codebook)]
    return [*damaged, *_nonsense(folder, 100 - len(damaged))]


def _whole(name: str, folder: Path, codebook: Codebook) -> Path:
    """An undamaged file of a format."""
    target = folder / f"whole-{name}"
    form = get_format(name)
    path = target if form.folder else target.with_suffix(".csv" if name == "csv" else ".jsonl")
    if not path.exists():
        form.write([Annotation.model_validate(SENTENCE)], path, codebook)
    return path


def _set(*path: str | int, value: Any) -> Change:
    def change(record: dict[str, Any]) -> None:
        inner: Any = record
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = value

    return change


def _drop(name: str) -> Change:
    return lambda record: record.pop(name)


_CHANGES: dict[str, list[tuple[Change, str]]] = {
    "jsonl": [
        (_drop("id"), "whole"),
        (_set("id", value=7), "id"),
        (_set("text", value=""), "text"),
        (_set("text", value="   "), "blank"),
        (_set("text", value=None), "text"),
        (_set("frames", value="guarding"), "frames"),
        (_set("frames", value=["nothing"]), "frames[0]"),
        (_set("frames", value=["guarding", "guarding"]), "twice"),
        (_set("actors", 0, "start", value=-1), "actors[0].start"),
        (_set("actors", 0, "end", value=99), "outside the text"),
        (_set("actors", 0, "end", value=2), "not behind the start"),
        (_set("actors", 0, "start", value=1), "white space"),
        (_set("actors", 0, "stance", value="angry"), "actors[0].stance"),
        (_set("actors", 0, "actor", value="nobody"), "actors[0].actor"),
        (_set("actors", 0, "colour", value="red"), "colour"),
        (_set("undecided", 0, "end", value="x"), "undecided[0].end"),
        (_set("annotator", value=""), "annotator"),
        (_set("comment", value="?"), "comment"),
        (_set("actors", value=None), "actors"),
    ],
    "doccano": [
        (_drop("text"), "text"),
        (_set("text", value=5), "text"),
        (_set("cats", value=["nothing"]), "frames[0]"),
        (_set("cats", value="guarding"), "cats"),
        (_set("entities", 0, 0, value=1), "UTF-16"),
        (_set("entities", 0, 1, value=99), "UTF-16"),
        (_set("entities", 0, value=[3, 9]), "entities[0]"),
        (_set("entities", 0, 2, value="angry"), "stance"),
        (_set("entities", 0, 0, value="3"), "entities[0]"),
        (_set("entities", value=[{"label": "critical"}]), "start_offset"),
        (_set("annotator", value=None), "--annotator"),
        (_set("actors", value=[[3, 9, "nobody"]]), "nobody"),
        (_set("sentence_id", value=3), "sentence_id"),
    ],
    "prodigy": [
        (_drop("text"), "text"),
        (_set("answer", value="maybe"), "answer"),
        (_set("accept", value=["nothing"]), "frames[0]"),
        (_set("accept", value="guarding"), "accept"),
        (_set("spans", 0, "end", value=99), "outside the text"),
        (_set("spans", 0, "label", value="angry"), "stance"),
        (_set("spans", 0, "start", value=None), "spans[0].start"),
        (_set("spans", 0, "actor", value="nobody"), "nobody"),
        (_set("meta", "id", value=3), "meta.id"),
        (_set("meta", value=[]), "meta"),
        (lambda record: (record.pop("accept"), record.update(label="guarding")), "fleeing"),
        (lambda record: (record.pop("accept"), record.update(label="nothing")), "nothing"),
        (lambda record: (record.pop("_annotator_id"), record.pop("_session_id")), "--annotator"),
    ],
}


def _json_lines(folder: Path, codebook: Codebook) -> list[tuple[Path, str]]:
    damaged = []
    for name, changes in _CHANGES.items():
        whole = _whole(name, folder, codebook).read_text(encoding="utf-8")
        for number, (change, fault) in enumerate(changes):
            record = json.loads(whole)
            if fault == "whole":
                record = [record]
            else:
                change(record)
            path = folder / f"{name}-{number}.jsonl"
            path.write_text(json.dumps(record) + "\n", encoding="utf-8")
            damaged.append((path, fault))
        for ending, content, fault in (
            ("cut", whole[: len(whole) // 2], "not JSON: "),
            ("bytes", None, "not UTF-8"),
            ("empty", "\n", "empty"),
        ):
            path = folder / f"{name}-{ending}.jsonl"
            path.write_bytes(whole.encode("utf-16") if content is None else content.encode())
            damaged.append((path, fault))
    return damaged


def _replaced(path: Path, target: Path, old: str, new: str) -> Path:
    content = path.read_bytes().decode()
    assert old in content, (path, old)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content.replace(old, new, 1).encode())
    return target


def _tables(folder: Path, codebook: Codebook) -> list[tuple[Path, str]]:
    whole = _whole("csv", folder, codebook)
    changes = [
        (",text,", ",words,", "text: the table has no such column"),
        (",fleeing,", ",flight,", "fleeing: the table has no column"),
        (",origin,", ",document,", "document: the column is there twice"),
        (",1,0,", ",2,0,", "guarding: '2'"),
        (",critical,", ",angry,", "stance"),
        (",arland", ",nobody", "nobody"),
        ("actor,s1", "actor,s2", "no sentence row has the id 's2'"),
        ("actor,s1", "group,s1", "kind: 'group'"),
        (",2,8,", ",2,x,", "start, end"),
        (",2,8,", ",1,8,", "the sentence has"),
        ("Arland,2,8", "Utopia,,", "'Utopia' does not stand"),
        ("sentence,s1", 'sentence,"s1', "not a CSV table"),
        ("late.,", "late.,,", "cells in a table"),
        (",ana,test", ",,test", "--annotator"),
    ]
    return [
        (_replaced(whole, folder / f"csv-{number}.csv", old, new), fault)
        for number, (old, new, fault) in enumerate(changes)
    ]


def _layered(folder: Path, codebook: Codebook) -> list[tuple[Path, str]]:
    changes: dict[str, list[tuple[str, str, str]]] = {
        "webanno-tsv": [
            ("3-9\tArland", "2-8\tArland", "offsets: 'Arland'"),
            ("3-9\tArland", "3-99\tArland", "offsets: 'Arland'"),
            ("3-9\tArland", "Arland", "the whole line"),
            ("1-2\t", "one\t", "the whole line"),
            ("critical", "angry", "stance"),
            ("critical", "*", "Actor.stance: none is given"),
            ("guarding[", "nothing[", "differs from"),
            ("#Text=😀 Arland paid Voss late.", "", "#Text="),
            ("#Text=😀 Arland", "#Text=😀 Utopia", "offsets"),
            ("[1]", "[one]", "cannot be read"),
        ],
        "brat": [
            ("Actor 2 8", "Actor 3 8", "T2"),
            ("Actor 2 8", "Actor 2 99", "no part of the text"),
            ("Actor 2 8", "Actor x 8", "T2: needed are a type"),
            ("Actor 2 8", "Group 2 8", "'Group' is none of the types"),
            ("Stance T2", "Stance T9", "'T9'"),
            ("critical", "angry", "stance"),
            ("guarding T1", "nothing T1", "nothing"),
            ("T3\t", "T2\t", "stands on line"),
            ("T1\tSentence", "X1\tSentence", "no kind of annotation"),
            ('{"identifier"', '{"identifier', "JSON object"),
        ],
        "inception-xmi": [
            ("<custom:Actor", "<custom:Nobody", "not a UIMA CAS"),
            ('stance="critical"', 'stance="angry"', "stance"),
            ('stance="critical"', "", "Actor.stance: none is given"),
            ('frame="guarding"', 'frame="nothing"', "nothing"),
            ("</xmi:XMI>", "", "not a UIMA CAS"),
            ("<xmi:XMI", "<!DOCTYPE x><xmi:XMI", "document type definition"),
        ],
        "inception-json": [
            ('"critical"', '"angry"', "stance"),
            ('"guarding"', '"nothing"', "nothing"),
            ("{", "", "not a UIMA CAS"),
            ('"%FEATURE_STRUCTURES"', '"%FEATURES"', "not a UIMA CAS"),
        ],
    }
    damaged = []
    for name, rows in changes.items():
        whole = _whole(name, folder, codebook)
        (file,) = get_format(name).files(whole)
        for number, (old, new, fault) in enumerate(rows):
            target = folder / f"{name}-{number}" / file.name
            _replaced(file, target, old, new)
            if name == "brat":
                target.with_suffix(".txt").write_bytes(file.with_suffix(".txt").read_bytes())
            if name == "inception-xmi":
                (target.parent / "TypeSystem.xml").write_bytes((whole / "TypeSystem.xml").read_bytes())
            damaged.append((target, fault))
    return damaged


def _nonsense(folder: Path, number: int) -> list[tuple[Path, str]]:
    """Files that no format knows, and one that is missing its partner."""
    return [_orphan(folder, place) for place in range(number)]


def _orphan(folder: Path, place: int) -> tuple[Path, str]:
    path = folder / f"orphan-{place}{('.ann', '.xmi', '.bin')[place % 3]}"
    path.write_text(f"T{place}\tActor 0 1\tx\n", encoding="utf-8")
    return path, ("is not beside it", "TypeSystem.xml", "not a known format")[place % 3]
