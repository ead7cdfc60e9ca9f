import json
from pathlib import Path
from typing import Any

import datasets
import pytest

from model.annotation import Span
from model.codebook import Codebook
from model.errors import FaultsError, FramelineError
from training.examples import Example
from training.newsmtsc import HUB_ID, check_stances, read_newsmtsc, rows_digest, with_polarities

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
    write(tmp_path, "rw_test", TEST, {**TEST, "from": 10, "to": 13, "polarity": 1})
    (example,) = read_newsmtsc(str(tmp_path), "rw_test")
    assert [stance for _, stance in example.stances] == ["neutral", "supportive"]


def test_a_target_that_stands_twice_is_learned_once_and_measured_twice(tmp_path: Path) -> None:
    write(tmp_path, "mt_test", TEST, TEST)
    write(tmp_path, "train", TRAIN, TRAIN)
    (measured,), (learned,) = (read_newsmtsc(str(tmp_path), part) for part in ("mt_test", "train"))
    assert [stance for _, stance in measured.stances] == ["neutral", "neutral"]
    assert [stance for _, stance in learned.stances] == ["supportive", "critical"]


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


def test_every_fault_is_named_with_line_field_and_remedy(tmp_path: Path) -> None:
    lines = [
        json.dumps({**TEST, "sentence": "Voss\u2028paid Ode."}, ensure_ascii=False).encode(),
        b'{"id": "\xff"}',
        b"",
        b"[" * 100_000,
        json.dumps({**TEST, "from": 4, "to": 5}).encode(),
        json.dumps({**TEST, "to": 99}).encode(),
        json.dumps({**TRAIN, "targets": [{"from": 0, "to": 4, "polarity": 3}]}).encode(),
        json.dumps({**TEST, "sentence": "\ud800 Voss"}).encode(),
        b"[]",
    ]
    file = tmp_path / "rw_dev.jsonl"
    file.write_bytes(b"\n".join(lines))
    with pytest.raises(FaultsError) as caught:
        read_newsmtsc(str(tmp_path), "rw_dev")
    *faults, remedy = caught.value.faults
    expected = [
        "2: the whole line: not UTF-8 at byte 8 of the line",
        "4: the whole line: lists and objects stand too deeply",
        "5: to: 4 to 5 is blank; give the place of the target's name",
        "6: to: 0 to 99 does not lie in the sentence, which has 14 characters",
        "7: targets[0].polarity: Polarity should be one of -1, 0, 1, 2, 4, 6 (seen: 3)",
        "8: sentence: half of a surrogate pair",
        "9: the whole record: ",
    ]
    assert len(faults) == len(expected)
    for fault, words in zip(faults, expected, strict=True):
        assert fault.startswith(f"{file}:{words}")
    assert "take NewsMTSC's own files" in remedy


def test_only_line_feeds_end_a_line(tmp_path: Path) -> None:
    sentence = "Voss\u2028paid\x85Ode."
    (tmp_path / "rw_dev.jsonl").write_text(
        json.dumps({**TEST, "sentence": sentence}, ensure_ascii=False), encoding="utf-8"
    )
    (example,) = read_newsmtsc(str(tmp_path), "rw_dev")
    assert example.text == sentence


@pytest.mark.parametrize("error", [ConnectionError("Couldn't reach it"), RuntimeError("scripts are\nno more")])
def test_what_the_hub_does_not_give_is_named(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def load_dataset(*_: str, split: str) -> None:
        raise error

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    with pytest.raises(FaultsError, match=f"--newsmtsc no/such: neither a folder .*give the folder .*{HUB_ID}"):
        read_newsmtsc("no/such", "train")


def test_a_faulty_row_of_the_hub_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = datasets.Dataset.from_list([TEST, {**TEST, "polarity": 9}])
    monkeypatch.setattr(datasets, "load_dataset", lambda *_, split: rows)
    with pytest.raises(FaultsError, match="a/b mt_test, row 2: polarity: "):
        read_newsmtsc("a/b", "mt_test")


def test_a_codebook_needs_the_stances_of_the_corpus(codebook: Codebook) -> None:
    check_stances(codebook)
    favourable = codebook.stances[0].model_copy(update={"id": "favourable"})
    other = codebook.model_copy(update={"stances": (favourable, *codebook.stances[1:])})
    with pytest.raises(FramelineError, match="lacks supportive of NewsMTSC's stances .its own are favourable, neutral"):
        check_stances(other)


def test_the_digest_is_that_of_all_that_was_read(tmp_path: Path) -> None:
    write(tmp_path, "train", TRAIN)
    write(tmp_path, "rw_dev", TEST)
    write(tmp_path, "mt_dev", {**TEST, "polarity": 1})
    digests = [rows_digest(read_newsmtsc(str(tmp_path), part)) for part in ("train", "rw_dev", "mt_dev", "rw_dev")]
    assert len(set(digests)) == 3
    assert digests[1] == digests[3]
