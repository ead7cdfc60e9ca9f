"""Two hundred damaged inputs: each named, none fatal, and every sound record in them scored."""

import json
from collections import Counter, defaultdict
from hashlib import blake2b
from pathlib import Path

from benchmarks.archive.options import Options
from benchmarks.archive.scoring import read_table, run
from benchmarks.serving.report import Figure, Floor
from tests.service.archive.damage import SOUND, write_damaged

PART = "damage"


def measure(options: Options) -> list[Figure]:
    """Score them in one run."""
    folder, out = options.folder / "damaged", options.folder / "damaged-out"
    folder.mkdir()
    written = write_damaged(folder)
    scored = run(folder, out)
    reasons = defaultdict(list)
    aside: Counter[str] = Counter()
    for line in (out / "rejected.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        reasons[row["input"]].append(row["reason"])
        aside[row["input"]] += row["record"] is not None
    named = sum(any(words in reason for reason in reasons[str(path)]) for path, words in written)
    lost = _lost(out, written, aside)
    return [
        Figure(part=PART, name="damaged inputs that are named", value=named, other=len(written), floor=Floor("≥", 1.0)),
        Figure(
            part=PART,
            name="records that are nowhere, or sound and set aside",
            value=lost,
            floor=Floor("≤", 0),
        ),
        Figure(part=PART, name="documents scored", value=scored.counts["documents"]),
        Figure(part=PART, name="set aside", value=scored.counts["rejected"]["fault"]),
    ]


def _lost(out: Path, written: list[tuple[Path, str]], aside: Counter[str]) -> int:
    """Records that are missing; inputs of one more record than are sound have just one that may be set aside."""
    scored = {tuple(key.split("-")[:2]) for key in read_table(out, "sentences")["sentence_id"].to_pylist()}
    documents = Counter(prefix for prefix, _ in scored)
    records = {one["url"]: one["records"] for one in json.loads((out / "manifest.json").read_bytes())["inputs"]}
    lost = 0
    for path, _ in written:
        name = str(path)
        found = documents[blake2b(name.encode(), digest_size=8).hexdigest()]
        lost += abs(records[name] - found - aside[name])
        if records[name] == SOUND + 1:
            lost += max(0, SOUND - found)
    return lost
