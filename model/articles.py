"""The articles in which authored sentences stand, each described in a line of ``documents.jsonl``."""

from pathlib import Path

from pydantic import Field

from model.codebook import Schema
from model.errors import FaultsError
from model.record_lines import read_records
from model.text import FilledText

ARTICLES_FILE = "documents.jsonl"


class Article(Schema):
    """Where the sentences of an authored document stand: what it is about and how it is written."""

    document: FilledText
    conflict: FilledText
    region: FilledText
    decade: str = Field(pattern=r"^\d{3}0s$")
    genre: FilledText
    writer: FilledText


def read_articles(file: Path) -> list[Article]:
    """Read the descriptions of authored documents.

    Raises:
        FaultsError: every fault, each with file, line and field.
    """
    articles, faults = [], []
    places: dict[str, str] = {}
    for place, article, broken in read_records(file, Article):
        faults += broken
        if article is None:
            continue
        before = places.setdefault(article.document, place)
        if before != place:
            faults.append(f"{place}: document: {article.document!r} is described at {before} already; describe it once")
        articles.append(article)
    if faults:
        raise FaultsError(faults)
    return articles
