"""NewsMTSC (Hamborg and Donnay, EACL 2021): news sentences with targets and the polarity toward each.

The corpus has stances only; its frames and the completeness of its mentions are unknown.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from model.annotation import Span
from model.errors import FaultsError
from training.examples import Example

Stances = tuple[tuple[Span, str | None], ...]

HUB_ID = "fhamborg/news_sentiment_newsmtsc"
#: The training part of the original files counts polarity as 2, 4 and 6, the other parts as -1, 0 and 1.
_STANCES = {2: "critical", 4: "neutral", 6: "supportive", -1: "critical", 0: "neutral", 1: "supportive"}


def read_newsmtsc(source: str, part: str) -> list[Example]:
    """Read one part of the corpus.

    Args:
        source: a folder with the original JSON Lines files, or a hub id.
        part: ``train``, ``rw_dev``, ``mt_dev``, ``rw_test`` or ``mt_test``.

    Raises:
        FaultsError: a file is missing or holds faulty lines; each is named.
    """
    folder = Path(source)
    rows = read_part(folder / f"{part}.jsonl") if folder.exists() else _download(source, part)
    spans: dict[tuple[str, str], list[tuple[Span, str]]] = defaultdict(list)
    for row in rows:
        spans[row["document"], row["text"]].append((Span(start=row["start"], end=row["end"]), row["stance"]))
    return [Example(text, document, tuple(dict.fromkeys(found))) for (document, text), found in spans.items()]


def with_polarities(annotated: Sequence[Example], corpus: Sequence[Example]) -> list[Example]:
    """The annotated sentences; of those that are NewsMTSC's, its targets have its polarities as their stances.

    More than half of the targets that NewsMTSC calls positive are neutral under the codebook. A network learns both, as
    it tells the corpora apart, but hardly where a part of one is labelled like the other.

    Args:
        annotated: sentences annotated under the codebook, of this corpus or others.
        corpus: the corpus.
    """
    targets: dict[str, Stances] = {}
    for example in corpus:
        targets[example.text] = (*targets.get(example.text, ()), *example.stances)
    return [replace(one, stances=_joined(targets.get(one.text, ()), one.stances)) for one in annotated]


def _joined(targets: Stances, stances: Stances) -> Stances:
    """The targets, and the mentions that overlap none of them."""
    others = (
        (span, stance)
        for span, stance in stances
        if not any(span.start < target.end and target.start < span.end for target, _ in targets)
    )
    return (*targets, *others)


def read_part(file: Path) -> list[dict[str, Any]]:
    """Read one original file as flat rows: document, text, mention, start, end, stance."""
    if not file.is_file():
        raise FaultsError([f"{file}: missing; --newsmtsc takes the folder that holds NewsMTSC's original files"])
    rows, faults = [], []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            rows += [_row(**fields) for fields in _targets(json.loads(line))]
        except (ValueError, KeyError, TypeError) as error:
            faults.append(f"{file}:{number}: {type(error).__name__}: {error}")
    if faults:
        raise FaultsError(faults)
    return rows


def _targets(record: dict[str, Any]) -> Iterable[dict[str, Any]]:
    if "targets" not in record:
        return [{"id": record["id"], "text": record["sentence"], "target": record}]
    text, name = record["sentence_normalized"], record["primary_gid"]
    return [{"id": name, "text": text, "target": target} for target in record["targets"]]


def _row(id: str, text: str, target: dict[str, Any]) -> dict[str, Any]:
    start, end = int(target["from"]), int(target["to"])
    if not 0 <= start < end <= len(text):
        raise ValueError(f"from {start} and to {end} do not lie in the sentence of {len(text)} characters")
    polarity = int(target["polarity"])
    if polarity not in _STANCES:
        raise ValueError(f"polarity {polarity} is none of {sorted(_STANCES)}")
    return {
        # allsides_1000_401_25_…: the outlet's collection and the article come first
        "document": "_".join(str(id).split("_")[:3]),
        "text": text,
        "mention": text[start:end],
        "start": start,
        "end": end,
        "stance": _STANCES[polarity],
    }


def _download(hub_id: str, part: str) -> list[dict[str, Any]]:
    """The same rows from the hub, which names the parts by configuration (rw, mt) and split."""
    from datasets import load_dataset

    setting, split = ("rw", "train") if part == "train" else part.split("_")
    split = {"dev": "validation"}.get(split, split)
    dataset = load_dataset(hub_id, setting, split=split)
    return [_row(record["id"], record["sentence"], record) for record in dataset]
