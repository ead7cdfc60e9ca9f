"""Counts by genre, by length and by source, to see where a model fails."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from model.annotation_files import annotation_files
from model.articles import ARTICLES_FILE, read_articles
from model.codebook import Codebook
from training.evaluation import Labelled, count_annotated_stances, count_frames
from training.measures import Counts

UNKNOWN = "unknown"
_LENGTHS = ((15, "up to 15 words"), (30, "16 to 30 words"))
_LONG = "31 words or more"


class Group(NamedTuple):
    """Some sentences, with the counts of each frame and of each stance in them."""

    name: str
    sentences: int
    frames: dict[str, Counts]
    stances: dict[str, Counts]

    @property
    def mentions(self) -> int:
        """How many annotated mentions there are."""
        return sum(counts.support for counts in self.stances.values())

    @property
    def stance_f1(self) -> float:
        """Macro average over the stances that are annotated or given in the group; 0 where there are none."""
        scores = [counts.f1 for counts in self.stances.values() if any(counts)]
        return sum(scores) / max(len(scores), 1)


class Grouping(NamedTuple):
    """All sentences, divided by one property."""

    title: str
    groups: tuple[Group, ...]


def read_genres(path: Path) -> dict[str, str]:
    """Genres by document, from the descriptions that lie beside an annotation file, or beside those in a folder.

    Raises:
        FaultsError: descriptions that cannot be read, each fault with file, line and field.
    """
    folders = dict.fromkeys(file.parent for file in annotation_files([path]))
    files = [folder / ARTICLES_FILE for folder in folders]
    return {article.document: article.genre for file in files if file.is_file() for article in read_articles(file)}


def length_of(text: str) -> str:
    """The name of the group to which a text of that many words belongs."""
    words = len(text.split())
    return next((name for most, name in _LENGTHS if words <= most), _LONG)


def group_everything(codebook: Codebook, rows: Sequence[Labelled]) -> Group:
    """All sentences as one group."""
    return _group("all", codebook, rows)


def group_sentences(codebook: Codebook, rows: Sequence[Labelled], genres: dict[str, str]) -> tuple[Grouping, ...]:
    """Divide sentences by genre, by length and by source.

    Args:
        codebook: the labelling schema.
        rows: the labelled sentences.
        genres: by document; the others are of an unknown genre.
    """
    lengths = [name for _, name in _LENGTHS] + [_LONG]
    return (
        Grouping(
            "By genre",
            _divide(codebook, rows, lambda row: genres.get(row.annotation.document, UNKNOWN), [], last=UNKNOWN),
        ),
        Grouping("By length", _divide(codebook, rows, lambda row: length_of(row.annotation.text), lengths)),
        Grouping("By source", _divide(codebook, rows, lambda row: row.annotation.origin, [])),
    )


def _divide(
    codebook: Codebook, rows: Sequence[Labelled], key: Callable[[Labelled], str], order: list[str], last: str = ""
) -> tuple[Group, ...]:
    """Groups in the order given, others by name; ``last`` comes last."""
    members: dict[str, list[Labelled]] = defaultdict(list)
    for row in rows:
        members[key(row)].append(row)
    names = [name for name in order if name in members] or sorted(members, key=lambda name: (name == last, name))
    return tuple(_group(name, codebook, members[name]) for name in names)


def _group(name: str, codebook: Codebook, rows: Sequence[Labelled]) -> Group:
    return Group(name, len(rows), count_frames(codebook, rows), count_annotated_stances(codebook, rows))
