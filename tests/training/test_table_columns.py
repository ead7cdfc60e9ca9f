from pathlib import Path

import pytest

from model.codebook import Codebook
from model.errors import FaultsError
from training.labelled_table import read_table
from training.table_columns import Columns


def write(folder: Path, text: str) -> Path:
    file = folder / "table.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_columns_can_be_named_and_documents_stay_together(codebook: Codebook, tmp_path: Path) -> None:
    text = 'Satz,g,f,Quelle\n"One, two.",1,0,a\nThree.,0,1,a\nFour.,0,0,b\n'
    columns = Columns(text="Satz", labels=("g",), document="Quelle")
    with pytest.raises(FaultsError, match="'1' is not a frame"):
        read_table(write(tmp_path, text), columns, codebook)
    renamed = text.replace(",g,f,", ",guarding,fleeing,")
    columns = Columns(text="Satz", labels=("guarding", "fleeing"), document="Quelle")
    annotations = read_table(write(tmp_path, renamed), columns, codebook)
    assert [one.document for one in annotations] == ["a", "a", "b"]
    assert [one.text for one in annotations] == ["One, two.", "Three.", "Four."]


def test_the_column_of_one_frame_alone_says_whether_it_holds(codebook: Codebook, tmp_path: Path) -> None:
    file = write(tmp_path, "text;Guarding;note\nA.;1;\nB.;0;\nC.;;\n")
    for columns in (Columns(), Columns(labels=("Guarding",))):
        assert [one.frames for one in read_table(file, columns, codebook)] == [("guarding",), (), ()]
