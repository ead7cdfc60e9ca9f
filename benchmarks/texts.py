"""The texts that benchmarks run on."""

import json
from collections import defaultdict
from pathlib import Path

from model.prediction import TextDocument

ANNOTATIONS = Path(__file__).parent.parent / "data/annotations/authored.jsonl"


def load_texts(corpus: Path | None) -> list[TextDocument]:
    """Documents of a corpus (JSON Lines of ``{"id", "text"}``), or by default the project's own articles."""
    if corpus is not None:
        rows = map(json.loads, corpus.read_text(encoding="utf-8").splitlines())
        return [TextDocument(id=row["id"], text=row["text"]) for row in rows]
    articles: dict[str, list[str]] = defaultdict(list)
    for line in ANNOTATIONS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        articles[row["document"]].append(row["text"])
    return [TextDocument(id=name, text="\n".join(sentences)) for name, sentences in articles.items()]
