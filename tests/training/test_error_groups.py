import json
from pathlib import Path

import pytest

from model.codebook import Codebook
from model.errors import FaultsError
from tests.training.rows import labelled
from training.error_groups import group_everything, group_sentences, length_of, read_genres

ARTICLE = {"conflict": "c", "region": "r", "decade": "1990s", "writer": "1"}


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (1, "up to 15 words"),
        (15, "up to 15 words"),
        (16, "16 to 30 words"),
        (30, "16 to 30 words"),
        (31, "31 words or more"),
    ],
)
def test_lengths(words: int, name: str) -> None:
    assert length_of("word " * words) == name


def test_genres_are_read_beside_a_file_and_below_a_folder(tmp_path: Path) -> None:
    (tmp_path / "documents.jsonl").write_text(json.dumps({**ARTICLE, "document": "a", "genre": "wire"}) + "\n")
    (tmp_path / "mine.jsonl").touch()
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone/other.jsonl").touch()
    assert read_genres(tmp_path / "mine.jsonl") == read_genres(tmp_path) == {"a": "wire"}
    assert read_genres(tmp_path / "alone/other.jsonl") == {}
    (tmp_path / "documents.jsonl").write_text("{}\n")
    with pytest.raises(FaultsError, match=r"documents.jsonl:1: genre"):
        read_genres(tmp_path / "mine.jsonl")


def test_groups_by_hand(codebook: Codebook) -> None:
    sure, unsure = {"guarding": 0.9, "fleeing": 0.1}, {"guarding": 0.4, "fleeing": 0.1}
    rows = [
        labelled("1", "a raid", gold=["guarding"], probabilities=sure, document="a", origin="x"),
        labelled("2", "a raid", gold=["guarding"], probabilities=unsure, document="b", origin="x"),
        labelled("3", "raid " * 40, probabilities=sure, document="b", origin="y"),
        labelled(
            "4",
            "Voss blamed NL",
            probabilities=unsure,
            actors=[("Voss", "neutral", (0.1, 0.8, 0.1)), ("NL", "critical", (0.1, 0.8, 0.1))],
            document="a",
            origin="y",
        ),
    ]
    genre, length, source = group_sentences(codebook, rows, {"b": "wire"})
    assert [(group.name, group.sentences) for group in genre.groups] == [("wire", 2), ("unknown", 2)]
    assert [(group.name, group.sentences) for group in length.groups] == [
        ("up to 15 words", 3),
        ("31 words or more", 1),
    ]
    assert [(group.name, group.sentences) for group in source.groups] == [("x", 2), ("y", 2)]
    x, y = source.groups
    assert x.frames["guarding"] == (1, 0, 1)
    assert x.frames["guarding"].f1 == pytest.approx(2 / 3)
    assert (x.mentions, x.stance_f1) == (0, 0)
    assert y.frames["guarding"] == (0, 1, 0)
    assert y.mentions == 2
    assert y.stance_f1 == pytest.approx((2 / 3 + 0) / 2)  # nothing supportive is annotated or given
    assert group_everything(codebook, rows).frames["guarding"] == (1, 1, 1)
