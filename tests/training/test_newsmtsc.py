import json
from pathlib import Path
from typing import Any

import datasets
import pytest

from model.annotation import Span
from model.errors import FaultsError
from training.examples import Example
from training.newsmtsc import HUB_ID, read_newsmtsc, with_polarities

TRAIN = {
    "primary_gid": "allsides_1_2_3_Voss_0_4",
    "sentence_normalized": "Voss paid Ode.",
    "targets": [
        {"Input.gid": "a", "from": 0, "to": 4, "mention": "Voss", "polarity": 6.0},
        {"Input.gid": "b", "from": 10, "to": 13, "mention": "Ode", "polarity": 2.0},
    ],
}
TEST = {"mention": "Voss", "polarity": 0, "from": 0, "to": 4, "sentence": "Voss paid Ode.", "id": "allsides_1_2_3_V"}


def write(folder: Path, part: str, *records: Any) -> None:
    (folder / f"{part}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


def test_reads_the_training_part(tmp_path: Path) -> None:
    write(tmp_path, "train", TRAIN)
    (example,) = read_newsmtsc(str(tmp_path), "train")
    assert [(example.text[span.start : span.end], stance) for span, stance in example.stances] == [
        ("Voss", "supportive"),
        ("Ode", "critical"),
    ]
    assert example.frames is None
    assert example.mentions is None
    assert example.document == "allsides_1_2"


def test_annotated_sentences_of_the_corpus_get_its_polarities(tmp_path: Path) -> None:
    write(tmp_path, "train", TRAIN)
    text = str(TRAIN["sentence_normalized"])
    annotated = Example(
        text, "x", ((Span(start=0, end=4), "neutral"), (Span(start=5, end=9), "neutral")), frames=("a",)
    )
    other = Example("Ode left.", "x", ((Span(start=0, end=3), "neutral"),), frames=())
    joined, same = with_polarities([annotated, other], read_newsmtsc(str(tmp_path), "train"))
    assert [(text[span.start : span.end], stance) for span, stance in joined.stances] == [
        ("Voss", "supportive"),
        ("Ode", "critical"),
        ("paid", "neutral"),
    ]
    assert joined.frames == ("a",)
    assert same == other


def test_joins_the_targets_of_one_sentence(tmp_path: Path) -> None:
    write(tmp_path, "rw_test", TEST, {**TEST, "from": 10, "to": 13, "polarity": 1}, TEST)
    (example,) = read_newsmtsc(str(tmp_path), "rw_test")
    assert [stance for _, stance in example.stances] == ["neutral", "supportive"]


@pytest.mark.parametrize("change", [{"polarity": 3}, {"to": 99}, {"from": None}, {"sentence": 1}, {"polarity": "x"}])
def test_names_the_faulty_line(tmp_path: Path, change: dict[str, Any]) -> None:
    write(tmp_path, "rw_dev", TEST, {**TEST, **change})
    with pytest.raises(FaultsError, match=r"rw_dev\.jsonl:2"):
        read_newsmtsc(str(tmp_path), "rw_dev")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FaultsError, match=r"train\.jsonl: missing"):
        read_newsmtsc(str(tmp_path), "train")


def test_reads_from_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def load_dataset(name: str, setting: str, split: str) -> datasets.Dataset:
        asked.append((name, setting, split))
        return datasets.Dataset.from_list([TEST])

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    (example,) = read_newsmtsc(HUB_ID, "mt_dev")
    assert asked == [(HUB_ID, "mt", "validation")]
    assert example.stances[0][1] == "neutral"
