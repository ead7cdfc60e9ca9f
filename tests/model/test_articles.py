import json
from pathlib import Path

import pytest

from model.articles import read_articles
from model.errors import FaultsError


def test_articles_are_checked_too(tmp_path: Path) -> None:
    file = tmp_path / "documents.jsonl"
    good = {"document": "a", "conflict": "c", "region": "r", "decade": "1990s", "genre": "wire", "writer": "1"}
    file.write_text(json.dumps(good) + "\n" + json.dumps({**good, "decade": "nineties"}) + "\n", encoding="utf-8")
    with pytest.raises(FaultsError, match=r"documents.jsonl:2: decade"):
        read_articles(file)


def test_an_article_is_described_once(tmp_path: Path) -> None:
    file = tmp_path / "documents.jsonl"
    good = {"document": "a", "conflict": "c", "region": "r", "decade": "1990s", "genre": "wire", "writer": "1"}
    file.write_text(2 * (json.dumps(good) + "\n"), encoding="utf-8")
    with pytest.raises(
        FaultsError, match=r"documents.jsonl:2: document: 'a' is described at .*documents.jsonl:1 already"
    ):
        read_articles(file)
