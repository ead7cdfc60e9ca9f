import json
import os
from pathlib import Path
from typing import Any

import pytest

from model.annotation import NOBODY, read_annotations
from model.codebook import Codebook
from model.errors import FaultsError

GOOD: dict[str, Any] = {
    "id": "a-1",
    "document": "a",
    "text": "Arland paid late.",
    "frames": ["fleeing"],
    "actors": [{"start": 0, "end": 6, "stance": "critical", "actor": "arland"}],
    "annotator": "one",
    "origin": "test",
}
ARLAND = {"start": 0, "end": 6, "stance": "critical"}
ACTOR = {"stance": "critical", "actor": "arland"}


def write(folder: Path, *lines: str | dict[str, Any]) -> Path:
    file = folder / "some.jsonl"
    text = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    file.write_text("\n".join(text) + "\n", encoding="utf-8")
    return file


def faults(file: Path, codebook: Codebook) -> list[str]:
    with pytest.raises(FaultsError) as caught:
        read_annotations([file], codebook)
    return caught.value.faults


def test_reads_a_line(tmp_path: Path, codebook: Codebook) -> None:
    (annotation,) = read_annotations([write(tmp_path, GOOD)], codebook)
    assert annotation.mention(annotation.actors[0]) == "Arland"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"frames": ["guard"]}, ":1: frames[0]: 'guard' is not a frame of the codebook (guarding, fleeing)"),
        ({"frames": ["fleeing", "fleeing"]}, ":1: frames: a frame is given twice"),
        ({"undecided": [{"start": 0, "end": 6}]}, "undecided[0]: the span 0 to 6 overlaps that of actors[0], 0 to 6"),
        ({"actors": [ARLAND, ARLAND]}, ":1: actors[1]: the span 0 to 6 overlaps that of actors[0], 0 to 6; keep one"),
        ({"actors": [ARLAND, {"start": 2, "end": 9, "stance": "critical"}]}, "actors[1]: the span 2 to 9 overlaps"),
        ({"actors": [{"start": 7, "end": 9, **ACTOR}, ARLAND | ACTOR]}, "actors[1].actor: 'arland' is given twice"),
        ({"actors": [{"start": 0, "end": 99, "stance": "critical"}]}, "actors[0].end: 99 lies outside the text"),
        ({"actors": [{"start": 6, "end": 6, "stance": "critical"}]}, "actors[0].end: 6 is not behind the start"),
        ({"actors": [{"start": -1, "end": 6, "stance": "critical"}]}, "actors[0].start"),
        ({"actors": [{"start": 0, "end": 7, "stance": "critical"}]}, "begins or ends with white space"),
        ({"actors": [{"start": 0, "end": 6, "stance": "warm"}]}, "actors[0].stance: 'warm' is not a stance"),
        ({"actors": [{"start": 0, "end": 6, "stance": "critical", "actor": "x"}]}, "actors[0].actor: 'x' is not an"),
        ({"undecided": [{"start": 0, "end": 40}]}, "undecided[0].end: 40 lies outside"),
        ({"text": ""}, ":1: text"),
        ({"text": 3}, ":1: text"),
        ({"colour": "red"}, ":1: colour"),
        ({"id": None}, ":1: id"),
        ({"id": " "}, ":1: id: blank; give it letters or digits"),
        ({"document": "\t"}, ":1: document: blank"),
        ({"text": " \n"}, ":1: text: blank"),
    ],
)
def test_names_file_line_and_field(tmp_path: Path, codebook: Codebook, change: dict[str, Any], expected: str) -> None:
    (fault,) = faults(write(tmp_path, {**GOOD, **change}), codebook)
    assert fault.startswith(str(tmp_path / "some.jsonl"))
    assert expected in fault


def test_names_every_fault_of_every_file(tmp_path: Path, codebook: Codebook) -> None:
    one = write(tmp_path, "{broken", GOOD, {**GOOD, "id": "a-2", "frames": ["x"]}, GOOD)
    (tmp_path / "more").mkdir()
    two = write(tmp_path / "more", {**GOOD, "id": "a-3", "annotator": ""})
    found = faults(tmp_path, codebook)
    places = sorted(fault.split(": ")[0] for fault in found)
    assert places == sorted([f"{one}:1", f"{one}:3", f"{one}:4", f"{two}:1"])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"frames": ["bogus"], "actors": [{"start": 0, "end": 9999, "stance": "meh", "hue": 1}], "extra": 1},
            ["actors[0].hue", "extra", "actors[0].end", "frames[0]", "actors[0].stance"],
        ),
        (
            {"actors": [{"start": "a", "end": 6, "stance": "meh"}, {"start": 0, "end": 99, "stance": 5, "actor": "x"}]},
            ["actors[0].start", "actors[1].stance", "actors[1].end", "actors[0].stance", "actors[1].actor"],
        ),
        (
            {"frames": [1, "x", 2], "actors": ["a", ARLAND, {**ARLAND, "actor": 3}], "undecided": [4]},
            ["frames[0]", "frames[2]", "actors[0]", "actors[2].actor", "undecided[0]", "actors[2]", "frames[1]"],
        ),
        (
            {"frames": "fleeing", "actors": {}, "undecided": [{"start": 9, "end": 9}]},
            ["frames", "actors", "undecided[0].end"],
        ),
        ({"text": None, "actors": [{"start": 0, "end": 99, "stance": "meh"}]}, ["text", "actors[0].stance"]),
        (
            {"annotator": "", "origin": 1, "document": None, "frames": ["x"]},
            ["document", "annotator", "origin", "frames[0]"],
        ),
    ],
)
def test_a_fault_of_form_hides_no_other(
    tmp_path: Path, codebook: Codebook, change: dict[str, Any], expected: list[str]
) -> None:
    found = faults(write(tmp_path, {**GOOD, **change}), codebook)
    assert [fault.split(": ")[1] for fault in found] == expected


def test_what_is_missing_hides_no_other_fault(tmp_path: Path, codebook: Codebook) -> None:
    line = {"id": "a", "actors": [{"end": 3, "stance": "meh"}], "frames": ["x"]}
    found = faults(write(tmp_path, line, {**GOOD, "colour": 1}, GOOD), codebook)
    missing = ["document", "actors[0].start", "annotator", "origin", "text"]
    assert [fault.split(": ")[1] for fault in found] == [*missing, "frames[0]", "actors[0].stance", "colour", "id"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({**GOOD, "frames": "x"}, "frames: a list is needed (seen: 'x')"),
        ([GOOD], "the whole record: a JSON object is needed (seen: "),
        ({**GOOD, "actors": [7]}, "actors[0]: a JSON object is needed (seen: 7)"),
    ],
)
def test_faults_are_told_in_the_words_of_json(tmp_path: Path, codebook: Codebook, line: Any, expected: str) -> None:
    (fault,) = faults(write(tmp_path, line), codebook)
    assert f":1: {expected}" in fault


def test_a_line_of_bytes_that_are_no_text_is_a_fault(tmp_path: Path, codebook: Codebook) -> None:
    file = tmp_path / "some.jsonl"
    file.write_bytes(b"\xff\xfe\n")
    assert ":1:" in faults(file, codebook)[0]


def test_a_missing_file_is_a_fault(tmp_path: Path, codebook: Codebook) -> None:
    assert "cannot be read" in faults(tmp_path / "nothing.jsonl", codebook)[0]


def test_a_missing_file_hides_no_other(tmp_path: Path, codebook: Codebook) -> None:
    missing, file = tmp_path / "nothing.jsonl", write(tmp_path, {**GOOD, "frames": ["x"]})
    with pytest.raises(FaultsError) as caught:
        read_annotations([missing, file], codebook)
    assert [fault.split(": ")[0] for fault in caught.value.faults] == [str(missing), f"{file}:1"]


def test_two_annotators_may_label_the_same_sentence(tmp_path: Path, codebook: Codebook) -> None:
    assert len(read_annotations([write(tmp_path, GOOD, {**GOOD, "annotator": "two"})], codebook)) == 2


def test_one_id_has_one_text(tmp_path: Path, codebook: Codebook) -> None:
    other = {**GOOD, "annotator": "two", "text": "Arland paid soon."}
    (fault,) = faults(write(tmp_path, GOOD, other), codebook)
    assert fault.startswith(f"{tmp_path / 'some.jsonl'}:2: id: 'a-1' has another text at {tmp_path / 'some.jsonl'}:1")


def test_a_key_that_stands_twice_is_a_fault(tmp_path: Path, codebook: Codebook) -> None:
    twice = json.dumps(GOOD).replace('"text":', '"text": "Lost.", "text":')
    (fault,) = faults(write(tmp_path, twice), codebook)
    assert "the key 'text' stands twice" in fault


def test_stand_off_annotations_are_named_once(tmp_path: Path, codebook: Codebook) -> None:
    row = {**GOOD, "corpus": "c", "corpus_document": "d", "start": 0, "end": 3, "sha256": "0" * 64}
    del row["text"]
    (fault,) = faults(write(tmp_path, row, {**row, "id": "b"}), codebook)
    assert "some.jsonl: has no texts (stand-off); join it with its corpus" in fault


def test_a_pipe_is_refused_before_its_content_is_lost(tmp_path: Path, codebook: Codebook) -> None:
    first, last = os.pipe()
    os.close(last)
    pipe = Path(f"/dev/fd/{first}")
    good = tmp_path / "good.jsonl"
    good.write_text(json.dumps(GOOD) + "\n", encoding="utf-8")
    with pytest.raises(FaultsError, match=f"{pipe}: can be read only once, as a pipe; write it to a file"):
        read_annotations([good, pipe], codebook)
    os.close(first)


def test_frames_of_another_codebook_are_one_fault(tmp_path: Path, codebook: Codebook) -> None:
    """Other faults of the same lines are named nevertheless; where a frame is known, the others are named by line."""
    rows = [{**GOOD, "id": f"a-{frame}", "frames": [frame]} for frame in ("cost", "blame", "cost")]
    rows[2] |= {"id": "a-3", "actors": [{"start": 0, "end": 99, "stance": "critical"}]}
    file = write(tmp_path, *rows)
    foreign, span = faults(file, codebook)
    assert foreign.startswith(f"{file}: frames: none of them (cost, blame) is in the codebook {codebook.label} (guard")
    assert "--codebook" in foreign
    assert span.startswith(f"{file}:3: actors[0].end: 99")
    mixed = write(tmp_path, *rows[:2], {**GOOD, "id": "a-4"})
    assert [fault.split(": ")[0] for fault in faults(mixed, codebook)] == [f"{mixed}:1", f"{mixed}:2"]


def test_a_table_in_the_place_of_annotations_is_one_fault(tmp_path: Path, codebook: Codebook) -> None:
    file = tmp_path / "table.CSV"
    file.write_text("text,guarding,fleeing\nThe army waits.,1,0\n", encoding="utf-8")
    (fault,) = faults(file, codebook)
    assert fault.startswith(f"{file}: a table, where JSON Lines are needed; ")
    assert "`frameline annotations import`" in fault


def test_a_sentence_that_nobody_has_annotated_yet_lacks_no_frame(tmp_path: Path, codebook: Codebook) -> None:
    single = codebook.model_copy(update={"frames_per_sentence": "exactly_one"})
    empty = {**GOOD, "frames": [], "actors": []}
    assert read_annotations([write(tmp_path, {**empty, "annotator": NOBODY})], single)
    with pytest.raises(FaultsError, match=":1: annotator: nobody has annotated this sentence yet"):
        read_annotations([write(tmp_path, {**empty, "annotator": NOBODY})], single, by_somebody=True)
    for other in (empty, {**empty, "annotator": NOBODY, "frames": ["guarding", "fleeing"]}):
        assert ":1: frames: " in faults(write(tmp_path, other), single)[0]
