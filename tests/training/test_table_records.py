import csv
from pathlib import Path

import pytest

from model.codebook import Codebook
from model.errors import FaultsError
from training.labelled_table import read_tables
from training.table_columns import Columns


def write(folder: Path, text: str) -> Path:
    file = folder / "table.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_only_line_feeds_end_a_row(codebook: Codebook, tmp_path: Path) -> None:
    (one,) = read_tables([write(tmp_path, "text,label\nOne\u2028guards\x85it.,guarding\n")], Columns(), codebook)
    assert (one.text, one.frames) == ("One guards it.", ("guarding",))


def test_rows_without_anything_are_none(codebook: Codebook, tmp_path: Path) -> None:
    file = write(tmp_path, "text;document;label\n;;\nOne guards it.;a;guarding\n;;\n \n")
    (one,) = read_tables([file], Columns(), codebook)
    assert one.text == "One guards it."


def test_a_file_in_another_encoding_is_a_clear_error(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_bytes("text,label\nCafé,guarding\n".encode("latin-1"))
    with pytest.raises(FaultsError, match=r"table\.csv:2: not UTF-8"):
        read_tables([file], Columns(), Codebook.load(Path("data/annotations/codebook.yaml")))


def test_a_table_may_have_long_texts(codebook: Codebook, tmp_path: Path) -> None:
    csv.field_size_limit(131_072)
    (one,) = read_tables([write(tmp_path, f"text,label\n{'a' * 200_000},guarding\n")], Columns(), codebook)
    assert len(one.text) == 200_000


def test_a_row_of_several_lines_is_named_by_its_first(codebook: Codebook, tmp_path: Path) -> None:
    file = write(tmp_path, 'text,label\n"One\nguards\nit.",guardng\n')
    with pytest.raises(FaultsError, match=r"table\.csv:2: 'guardng' is not a frame"):
        read_tables([file], Columns(), codebook)
