from pathlib import Path

import pytest

from model.annotation import Annotation
from model.codebook import Codebook
from model.errors import FaultsError
from training.formats.registry import get_format
from training.labelled_table import read_tables
from training.table_columns import Columns


def write(folder: Path, text: str) -> Path:
    file = folder / "table.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_columns_can_be_named_and_documents_stay_together(codebook: Codebook, tmp_path: Path) -> None:
    text = 'Satz,g,f,Quelle\n"One, two.",1,0,a\nThree.,0,1,a\nFour.,0,0,b\n'
    columns = Columns(text="Satz", labels=("g",), document="Quelle")
    with pytest.raises(FaultsError, match="'1' is not a frame"):
        read_tables([write(tmp_path, text)], columns, codebook)
    renamed = text.replace(",g,f,", ",guarding,fleeing,")
    columns = Columns(text="Satz", labels=("guarding", "fleeing"), document="Quelle")
    annotations = read_tables([write(tmp_path, renamed)], columns, codebook)
    assert [one.document for one in annotations] == ["a", "a", "b"]
    assert [one.text for one in annotations] == ["One, two.", "Three.", "Four."]


def test_the_column_of_one_frame_alone_says_whether_it_holds(codebook: Codebook, tmp_path: Path) -> None:
    file = write(tmp_path, "text;Guarding;note\nA.;1;\nB.;0;\nC.;;\n")
    for columns in (Columns(), Columns(labels=("Guarding",))):
        assert [one.frames for one in read_tables([file], columns, codebook)] == [("guarding",), (), ()]


@pytest.mark.parametrize("name", ["origin", "text", "sentence", "document", "label", "frames", "kind"])
def test_a_table_of_our_own_is_read_whatever_a_frame_is_called(name: str, codebook: Codebook, tmp_path: Path) -> None:
    frames = (codebook.frames[0].model_copy(update={"id": name, "name": "Other"}), codebook.frames[1])
    named = codebook.model_copy(update={"frames": frames})
    rows = [
        Annotation(id=str(n), document=f"d{n}", text=f"B {n}.", frames=given, actors=(), annotator="ana", origin="o")
        for n, given in enumerate([(name,), ("fleeing",), (name, "fleeing"), ()])
    ]
    file = tmp_path / "table.csv"
    get_format("csv").write(rows, file, named)
    read = read_tables([file], Columns(), named)
    assert [(one.text, one.document, one.frames) for one in read] == [
        (one.text, one.document, one.frames) for one in rows
    ]


def test_a_column_of_labels_comes_before_one_that_is_named_as_a_frame(codebook: Codebook, tmp_path: Path) -> None:
    file = write(tmp_path, "text,label,fleeing\nA.,guarding,long\n")
    assert [one.frames for one in read_tables([file], Columns(), codebook)] == [("guarding",)]
