"""How often a name that may mean several things gets its actor, or none, on sentences of real news.

    python -m benchmarks.homonyms --corpus news_pool.jsonl --newsmtsc newsmtsc/train.jsonl

``data/homonyms.jsonl`` holds labels without text, which are joined with your own copies of the corpora. Right is what
the annotator says, an id or none; wrong is an id that the name does not mean; open is none where it means an actor.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.table import Table

from model.actors import ActorList
from model.codebook import Codebook
from model.homonyms import Homonyms
from model.labeller import Labeller
from model.reading import Reading
from model.standoff import read_corpus, sentence_digest

DATA = Path(__file__).parent.parent / "data"
OUTCOMES = ("right", "wrong", "open")


class Label(BaseModel):
    """What one name in one sentence of a corpus means, offsets in code points; no actor means something else."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    corpus: str
    corpus_document: str
    start: int
    end: int
    sha256: str
    mention_start: int
    mention_end: int
    name: str
    actor: str | None


class Occurrence(NamedTuple):
    """A label with its sentence."""

    label: Label
    sentence: str


def read_labels(file: Path) -> list[Label]:
    """The labels of a file, one a line."""
    return [Label.model_validate_json(line) for line in file.read_text(encoding="utf-8").splitlines()]


def hydrate(labels: list[Label], texts: dict[tuple[str, str], str]) -> Iterator[Occurrence]:
    """The labels with their sentences, those left out whose sentence the corpora lack or have otherwise."""
    for label in labels:
        sentence = texts.get((label.corpus, label.corpus_document), "")[label.start : label.end]
        if sentence_digest(sentence) == label.sha256:
            yield Occurrence(label, sentence)


def outcome(expected: str | None, given: str | None) -> str:
    """What became of a name."""
    if given == expected:
        return "right"
    return "open" if given is None else "wrong"


def by_list(codebook: Codebook, occurrences: list[Occurrence]) -> Counter[tuple[str, str]]:
    """Outcomes by name where every name is taken for a mention."""
    actors = ActorList(codebook)
    homonyms = Homonyms(codebook, actors)
    counts: Counter[tuple[str, str]] = Counter()
    for label, sentence in occurrences:
        given = Reading(homonyms, sentence, actors.find(sentence)).resolve(label.mention_start, label.mention_end)
        counts[label.name, outcome(label.actor, given)] += 1
    return counts


def by_labeller(codebook: Codebook, occurrences: list[Occurrence]) -> Counter[tuple[str, str]]:
    """Outcomes by name of those that the shipped checkpoint finds to be a mention, or a part of one."""
    labeller = Labeller.from_checkpoint(codebook=codebook)
    counts: Counter[tuple[str, str]] = Counter()
    for label, sentence in occurrences:
        (labelled,) = labeller.classify(sentence, split=False).sentences
        for actor in labelled.actors:
            start, end = actor.start - labelled.start, actor.end - labelled.start
            if start <= label.mention_start and label.mention_end <= end:
                counts[label.name, outcome(label.actor, actor.actor)] += 1
    labeller.close()
    return counts


def read_texts(corpus: Path | None, newsmtsc: Path | None) -> dict[tuple[str, str], str]:
    """The documents of both corpora, by corpus and id."""
    texts: dict[tuple[str, str], str] = {}
    if corpus is not None:
        texts |= {("news_pool", record["id"]): record["text"] for record in read_corpus(corpus)}
    if newsmtsc is not None:
        file = newsmtsc / "train.jsonl" if newsmtsc.is_dir() else newsmtsc
        rows = map(json.loads, file.read_text(encoding="utf-8").splitlines())
        texts |= {("newsmtsc", row["primary_gid"]): row["sentence_normalized"] for row in rows}
    return texts


def main() -> None:
    """Print the outcomes by name without and with the codebook's homonyms."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, help="your copy of news_pool, JSON Lines of id and text")
    parser.add_argument("--newsmtsc", type=Path, help="your copy of NewsMTSC's train.jsonl")
    parser.add_argument("--labels", type=Path, default=DATA / "homonyms.jsonl")
    options = parser.parse_args()
    if options.corpus is None and options.newsmtsc is None:
        parser.error("give your own copies of the corpora: --corpus FILE, --newsmtsc FILE, or both")

    labels = read_labels(options.labels)
    occurrences = list(hydrate(labels, read_texts(options.corpus, options.newsmtsc)))
    if not occurrences:
        given = ", ".join(str(path) for path in (options.corpus, options.newsmtsc) if path is not None)
        parser.error(f"--corpus, --newsmtsc: none of the {len(labels)} labelled names is in {given}")
    homonyms = Codebook.load(DATA / "annotations/codebook.yaml")
    without = homonyms.model_copy(update={"homonyms": ()})
    console = Console()
    console.print(f"{len(occurrences)} of {len(labels)} labelled names are in the corpora given")
    for title, count in (("every occurrence", by_list), ("mentions that the shipped checkpoint finds", by_labeller)):
        console.print(_table(title, count(without, occurrences), count(homonyms, occurrences)))


def _table(title: str, without: Counter[tuple[str, str]], homonyms: Counter[tuple[str, str]]) -> Table:
    table = Table("Name", title=title)
    for heading in ("without: right", *OUTCOMES[1:], "with: right", *OUTCOMES[1:]):
        table.add_column(heading, justify="right", no_wrap=True)
    names = sorted({name for name, _ in without | homonyms})
    for name in names:
        table.add_row(name, *(str(counts[name, what]) for counts in (without, homonyms) for what in OUTCOMES))
    table.add_section()
    sums = [sum(counts[name, what] for name in names) for counts in (without, homonyms) for what in OUTCOMES]
    table.add_row("all", *map(str, sums))
    return table


if __name__ == "__main__":
    main()
