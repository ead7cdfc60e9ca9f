import json
import os
from pathlib import Path

import pytest

from model.codebook import Codebook
from model.errors import FaultsError
from model.unnamed import sentence_name
from training.labelled_table import is_table, read_tables
from training.table_columns import Columns


def write(folder: Path, text: str, name: str = "table.csv") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "text",
    [
        "text,label\nOne guards.,Guarding\nThey flee and guard.,guarding|FLEEING\nNothing.,\n",
        "text;label\nOne guards.;guarding\nThey flee and guard.;Guarding|Fleeing\nNothing.;\n",
        "sentence\tguarding\tFleeing\nOne guards.\t1\t0\nThey flee and guard.\tyes\t1\nNothing.\t\t0\n",
    ],
)
def test_reads_labels_as_people_write_them(codebook: Codebook, tmp_path: Path, text: str) -> None:
    annotations = read_tables([write(tmp_path, text)], Columns(), codebook)
    assert [set(one.frames) for one in annotations] == [{"guarding"}, {"guarding", "fleeing"}, set()]
    assert len({one.id for one in annotations}) == len({one.document for one in annotations}) == 3


def test_reads_json_lines_of_texts_and_labels(codebook: Codebook, tmp_path: Path) -> None:
    lines = [{"text": "A.", "label": ["guarding", "fleeing"]}, {"text": "B.", "label": []}]
    file = write(tmp_path, "".join(json.dumps(line) + "\n" for line in lines), "table.jsonl")
    assert is_table(file)
    assert [len(one.frames) for one in read_tables([file], Columns(), codebook)] == [2, 0]


def test_annotations_are_no_table(annotation_file: Path, tmp_path: Path) -> None:
    assert not is_table(annotation_file)
    assert not is_table(tmp_path)
    assert is_table(write(tmp_path, ""))


def test_the_same_text_twice_is_one_document(codebook: Codebook, tmp_path: Path) -> None:
    annotations = read_tables([write(tmp_path, "text,label\nA.,guarding\nA.,fleeing\n")], Columns(), codebook)
    assert annotations[0].document == annotations[1].document


def test_names_every_fault_with_line_and_column(codebook: Codebook, tmp_path: Path) -> None:
    file = write(tmp_path, "text,label\nA.,guarding\nB.,hiding\nC.,guarding|sleeping\n")
    with pytest.raises(FaultsError) as caught:
        read_tables([file], Columns(), codebook)
    assert f"{file}:3: 'hiding' is not a frame" in str(caught.value)
    assert f"{file}:4: 'sleeping' is not a frame" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "no rows"),
        ("text,label\n,guarding\n", ":2: text: blank"),
        ("words,label\nA.,guarding\n", "--text-column"),
        ("text,remark\nA.,guarding\n", "--label-column"),
        ("text,guarding,fleeing\nA.,1,perhaps\n", "fleeing: 'perhaps' is neither 1 nor 0"),
        ("text,label\nA, b.,guarding\n", "more fields than columns"),
        ("text,label\nA b.\n", "fewer fields than columns"),
        ("text,label, label\nA.,guarding,fleeing\n", "table.csv:1: label: the column stands twice"),
        ("text,label,frames\nA.,guarding,fleeing\n", "'label' and 'frames' could each be the label; say which with --"),
    ],
)
def test_a_faulty_table_is_a_clear_error(codebook: Codebook, tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(FaultsError) as caught:
        read_tables([write(tmp_path, text)], Columns(), codebook)
    assert expected in str(caught.value)


def test_two_labels_where_one_is_allowed_is_a_fault(codebook: Codebook, tmp_path: Path) -> None:
    single = codebook.model_copy(update={"frames_per_sentence": "exactly_one"})
    with pytest.raises(FaultsError) as caught:
        read_tables([write(tmp_path, "text,label\nA.,guarding|fleeing\nB.,\n")], Columns(), single)
    assert ":2: frames: 2 frames" in str(caught.value)
    assert ":3: frames: none" in str(caught.value)


@pytest.mark.parametrize("line", [b"[" * 100_000, b'{"text": "\xff"}', b"", b"{"])
def test_what_cannot_be_read_is_no_table(tmp_path: Path, line: bytes) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b"\n" + line)
    assert not is_table(file)
    assert not is_table(tmp_path / "missing.jsonl")


def test_a_pipe_is_not_asked_what_it_is(tmp_path: Path) -> None:
    first, last = os.pipe()
    os.close(last)
    (tmp_path / "rows.jsonl").symlink_to(f"/dev/fd/{first}")
    with pytest.raises(FaultsError, match="can be read only once"):
        is_table(tmp_path / "rows.jsonl")
    os.close(first)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"text": "B.", "lable": "guarding"}', "label: missing; give it in every row"),
        ('{"txt": "B.", "label": "guarding"}', "text: missing"),
        ('{"text": {"of": "B."}, "label": "guarding"}', "text: {'of': 'B.'} is no string"),
        ('{"text": "B.", "label": "guarding", "label": "fleeing"}', "the key 'label' stands twice"),
        ('{"text": "B.", "label": {"guarding": 1}}', "label: {'guarding': 1} is neither a string nor a list of"),
        ('{"text": "B.", "label": ["guarding", true]}', "label: ['guarding', True] is neither"),
        ('{"text": "B.", "label": null}', "label: None is neither"),
        ('{"text": "B.", "label": "", "document": ["d"]}', "document: ['d'] is neither a string nor a whole number"),
        (r'{"text": "B.\ud800", "label": ""}', "half of a surrogate pair"),
    ],
)
def test_a_faulty_row_of_json_is_a_clear_error(codebook: Codebook, tmp_path: Path, line: str, expected: str) -> None:
    file = write(tmp_path, f'{{"text": "A.", "label": "guarding", "document": 7}}\n{line}\n', "table.jsonl")
    with pytest.raises(FaultsError) as caught:
        read_tables([file], Columns(), codebook)
    (fault,) = caught.value.faults
    assert fault.startswith(f"{file}:2: ")
    assert expected in fault


def test_a_column_a_frame_in_json_lines(codebook: Codebook, tmp_path: Path) -> None:
    lines = ['{"text": "A.", "guarding": 1, "fleeing": false}', '{"text": "B.", "guarding": 0.0, "fleeing": "yes"}']
    file = write(tmp_path, "\n".join(lines), "table.jsonl")
    assert [one.frames for one in read_tables([file], Columns(), codebook)] == [("guarding",), ("fleeing",)]
    file.write_text(lines[0] + '\n{"text": "B.", "guarding": 1, "fleeing": null}', encoding="utf-8")
    with pytest.raises(FaultsError, match=":2: fleeing: None is neither 1 nor 0"):
        read_tables([file], Columns(), codebook)


def test_labels_of_another_codebook_are_one_fault(tmp_path: Path, codebook: Codebook) -> None:
    file = tmp_path / "table.csv"
    file.write_text("text,label\nA.,cost\nB.,blame\nC.,cost\n", encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        read_tables([file], Columns(), codebook)
    (fault,) = caught.value.faults
    assert fault.startswith(f"{file}: none of its labels (cost, blame) is a frame of the codebook {codebook.label} (gu")
    assert "--codebook" in fault


def test_tables_of_one_name_are_learned_from_together(codebook: Codebook, tmp_path: Path) -> None:
    """A sentence that stands in both has its id in the first, as an import gives it, and counts on in the second."""
    files = [tmp_path / name / "data.csv" for name in ("one", "two")]
    for file, text in zip(files, ("A.", "C."), strict=True):
        file.parent.mkdir()
        file.write_text(f"text,label,document\n{text},guarding,d\nB.,,d\n", encoding="utf-8")
    found = read_tables(files, Columns(), codebook)
    a, b, c = (sentence_name("d", text) for text in ("A.", "B.", "C."))
    assert [one.id for one in found] == [a, b, c, f"{b}-2"]
    assert [one.origin for one in found] == [str(file) for file in files for _ in range(2)]
    with pytest.raises(FaultsError, match=r"data\.csv: is given twice; give it once"):
        read_tables([*files, tmp_path / "one" / ".." / "one" / "data.csv"], Columns(), codebook)


def test_faults_of_every_table_are_told(codebook: Codebook, tmp_path: Path) -> None:
    files = [write(tmp_path, "text,label\nA.,hiding\n", f"{name}.csv") for name in ("one", "two")]
    with pytest.raises(FaultsError) as caught:
        read_tables(files, Columns(), codebook)
    assert [fault.split(": ")[0] for fault in caught.value.faults] == [f"{file}:2" for file in files]
