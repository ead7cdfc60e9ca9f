"""The most typical sentences of each frame."""

import re
from typing import NamedTuple

from service.archive_report.tables import Tables, quoted

SHOWN = 5
_CANDIDATES = 400
_LONGEST = 600
_ALIKE = 0.6
"""Two sentences that share more than this part of their words (Jaccard) are taken for versions of one."""


class Example(NamedTuple):
    """A sentence; ``text`` is None where the tables have no texts."""

    sentence_id: str
    document: str
    position: int
    outlet: str | None
    day: str | None
    probability: float
    text: str | None


def find_typical(tables: Tables) -> list[list[Example]]:
    """For each frame its most probable sentences, of different documents, no two of them nearly the same."""
    return [_choose(_candidates(tables, frame.id)) for frame in tables.manifest.frames]


def _candidates(tables: Tables, frame: str) -> list[Example]:
    text = "text" if tables.has_text else "CAST(NULL AS VARCHAR)"
    day = "NULL" if tables.date is None else "CAST(day AS VARCHAR)"
    probability = quoted(f"{frame}_probability")
    rows = tables.database.execute(
        f"WITH best AS (SELECT sentence_id, document, position, {probability} AS p, {text} AS text FROM sentences "
        f"WHERE {quoted(frame)} ORDER BY p DESC, sentence_id LIMIT {_CANDIDATES}) "
        f"SELECT sentence_id, best.document, position, outlet, {day}, p, text FROM best "
        "JOIN documents ON documents.key = regexp_replace(sentence_id, '-[0-9]+$', '') ORDER BY p DESC, sentence_id"
    ).fetchall()
    return [Example(*row) for row in rows]


def _choose(candidates: list[Example]) -> list[Example]:
    chosen: list[Example] = []
    documents: set[str] = set()
    for example in candidates:
        document = example.sentence_id.rpartition("-")[0]
        if document in documents or any(_alike(example.text, other.text) for other in chosen):
            continue
        documents.add(document)
        chosen.append(example._replace(text=_shorten(example.text)))
        if len(chosen) == SHOWN:
            break
    return chosen


def _alike(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return False
    first, second = (set(re.findall(r"\w+", text.lower())) for text in (one, other))
    return len(first & second) > _ALIKE * len(first | second)


def _shorten(text: str | None) -> str | None:
    return text if text is None or len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
