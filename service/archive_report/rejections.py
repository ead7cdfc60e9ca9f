"""What was set aside, and why."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from model.errors import FramelineError

NAME = "rejected.jsonl"
_SHOWN = 12
_KEPT = 10_000


class Reason(NamedTuple):
    """A kind of fault; ``reason`` and ``place`` are those of its first case."""

    kind: str
    reason: str
    records: int
    place: str


class Rejections(NamedTuple):
    """All that was set aside, by reason, the most frequent first."""

    total: int
    kinds: dict[str, int]
    reasons: list[Reason]
    more: int
    """How many were set aside for reasons beyond those."""


def read_rejections(folder: Path) -> Rejections:
    """Read ``rejected.jsonl`` line by line; reasons that differ only in numbers and quoted values are one.

    Raises:
        FramelineError: the file is missing or a line of it is damaged.
    """
    file = folder / NAME
    kinds: Counter[str] = Counter()
    counts: Counter[tuple[str, str]] = Counter()
    cases: dict[tuple[str, str], tuple[str, str]] = {}
    try:
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                record = _parse(line, file, number)
                kind, reason = record["kind"], record["reason"]
                kinds[kind] += 1
                key = (kind, re.sub(r"'[^']*'|\"[^\"]*\"|[\d.,]*\d", "…", reason))
                if key in counts or len(counts) < _KEPT:
                    counts[key] += 1
                    cases.setdefault(key, (reason, _place(record)))
    except FileNotFoundError:
        raise FramelineError(f"{file}: no such file. Was the folder copied as a whole?") from None
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]
    reasons = [Reason(key[0], cases[key][0], count, cases[key][1]) for key, count in ranked]
    total = kinds.total()
    return Rejections(total, dict(sorted(kinds.items())), reasons, total - sum(reason.records for reason in reasons))


def _parse(line: str, file: Path, number: int) -> dict[str, str]:
    try:
        record = json.loads(line)
        return {name: "" if record[name] is None else str(record[name]) for name in _FIELDS}
    except (ValueError, KeyError, TypeError) as error:
        raise FramelineError(f"{file}:{number}: not a record of something set aside: {error}") from None


_FIELDS = ("input", "record", "line", "id", "kind", "reason")


def _place(record: dict[str, str]) -> str:
    if record["line"]:
        return f"{record['input']}, line {record['line']}"
    return record["input"] if record["record"] in ("", "-1") else f"{record['input']}, record {record['record']}"
