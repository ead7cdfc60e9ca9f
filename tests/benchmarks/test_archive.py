"""The archives that the benchmark makes, and how it compares and fits; nothing is scored."""

import gzip
import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.archive import kills
from benchmarks.archive.corpus import Corpus
from benchmarks.archive.scoring import best_fit, have_same_tables
from model.sentences import split


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    texts = [f"The army closed road number {n} before dawn. Nobody could say who had ordered it." for n in range(10)]
    file = tmp_path / "corpus.jsonl"
    file.write_text("".join(json.dumps({"id": f"d{n}", "text": text}) + "\n" for n, text in enumerate(texts)))
    return Corpus(file, seed=1)


def _read(file: Path) -> list[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def test_copies_with_other_words_are_of_the_size_that_is_asked_for(corpus: Corpus, tmp_path: Path) -> None:
    assert corpus.sentences == 20
    corpus.write_unique(tmp_path / "a.jsonl.gz", 51)
    rows = _read(tmp_path / "a.jsonl.gz")
    assert len(rows) == 26
    assert len({row["id"] for row in rows}) == 26
    assert not {row["text"] for row in rows[:10]} & {row["text"] for row in rows[10:]}
    assert sum(1 for row in rows for _ in split(row["text"])) == 52
    corpus.write_unique(tmp_path / "b.jsonl.gz", 51)
    assert _read(tmp_path / "b.jsonl.gz") == rows
    assert {document.id for document in corpus.sample(10, 51)} <= {row["id"] for row in rows}


def test_equal_copies_differ_in_their_ids_alone(corpus: Corpus, tmp_path: Path) -> None:
    corpus.write_copies(tmp_path / "a.jsonl.gz", 3)
    rows = _read(tmp_path / "a.jsonl.gz")
    assert (len({row["id"] for row in rows}), len({row["text"] for row in rows})) == (30, 10)


def test_a_line_is_fitted_and_says_how_well() -> None:
    assert best_fit([1, 2, 4], [5, 7, 11]) == pytest.approx((2, 3, 1))
    assert best_fit([1, 2, 3, 4], [1, 9, 2, 8])[2] < 0.5


def test_tables_are_the_same_only_row_for_row(tmp_path: Path) -> None:
    for run, rows in (("a", [1, 2]), ("b", [1, 2]), ("c", [2, 1])):
        for name in ("sentences", "stances"):
            (tmp_path / run / name).mkdir(parents=True)
            pq.write_table(pa.table({"row": rows}), tmp_path / run / name / "part-000000.parquet")
    assert have_same_tables(tmp_path / "a", tmp_path / "b")
    assert not have_same_tables(tmp_path / "a", tmp_path / "c")
    for run in ("a", "b"):
        for name in ("manifest.json", "rejected.jsonl"):
            (tmp_path / run / name).touch()
    assert kills._is_equal(tmp_path / "a", tmp_path / "b")
    (tmp_path / "a/plan.json").touch()
    assert not kills._is_equal(tmp_path / "a", tmp_path / "b")


def test_of_a_process_that_is_gone_nothing_is_killed() -> None:
    assert kills._shoot(2**22 + 1, "parent", random.Random(1)) is None
