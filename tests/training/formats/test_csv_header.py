from pathlib import Path

import pytest

from model.annotation import Annotation
from model.codebook import Codebook
from model.errors import FaultsError
from training.formats.csv_table import CsvTable
from training.formats.intake import Intake
from training.labelled_table import read_tables
from training.table_columns import Columns

ROWS = "Voss fled.;a;Fleeing|guarding\nBread.;a;\n;;\n"


def read(path: Path, codebook: Codebook, columns: Columns) -> tuple[list[Annotation], Intake]:
    intake = Intake(codebook, "ana", columns=columns)
    CsvTable().read([path], intake)
    return intake.finish(), intake


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("text;document;label", Columns()),
        ("Sentence;Document;Frames", Columns()),
        ("Satz;Artikel;Thema", Columns(text="Satz", document="Artikel", labels=("Thema",))),
    ],
)
def test_a_table_of_texts_and_labels_is_read_as_training_reads_it(
    header: str, columns: Columns, codebook: Codebook, tmp_path: Path
) -> None:
    path = tmp_path / "table.csv"
    path.write_text(f"\ufeff{header}\n{ROWS}", encoding="utf-8")
    found, intake = read(path, codebook, columns)
    assert [(one.text, one.document, one.frames) for one in found] == [
        ("Voss fled.", "a", ("guarding", "fleeing")),
        ("Bread.", "a", ()),
    ]
    learned = read_tables([path], columns, codebook)
    assert [(one.document, {*one.frames}) for one in learned] == [(one.document, {*one.frames}) for one in found]
    assert not intake.notes


def test_without_documents_they_are_those_of_training(codebook: Codebook, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("text,label\nVoss  fled.,fleeing\nBread.,\nVoss  fled.,fleeing\n", encoding="utf-8")
    found, _ = read(path, codebook, Columns())
    assert [one.document for one in found] == [one.document for one in read_tables([path], Columns(), codebook)]
    assert len({one.document for one in found}) == 2
    assert len({one.id for one in found}) == 3


def test_a_document_that_r_lacks_is_none(codebook: Codebook, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("text,label,document\nVoss fled.,fleeing,NA\nBread.,,NA\nOil.,,a\n", encoding="utf-8")
    found, _ = read(path, codebook, Columns())
    assert len({one.document for one in found}) == 3
    assert [one.document for one in found] == [one.document for one in read_tables([path], Columns(), codebook)]


def test_two_coders_of_one_table_or_two_name_a_sentence_alike(codebook: Codebook, tmp_path: Path) -> None:
    both, own = tmp_path / "both.csv", tmp_path / "own.csv"
    header = "Coder,text,guarding,fleeing\n"
    rows = "{0},Voss fled.,0,1\n{0},Bread.,0,0\n{0},Bread.,1,0\n"
    both.write_text(header + rows.format("ana") + rows.format("ben"), encoding="utf-8")
    own.write_text((header + "ana,Voss paid.,0,0\n" + rows.format("ana")).replace("Coder", "Name"), encoding="utf-8")
    intake = Intake(codebook, columns=Columns(annotator="Coder"))
    CsvTable().read([both], intake)
    found = intake.finish()
    assert [one.annotator for one in found] == ["ana"] * 3 + ["ben"] * 3
    names = [one.id for one in found]
    assert names[:3] == names[3:]
    assert len({*names}) == 3
    assert [one.id for one in read(own, codebook, Columns())[0]][1:] == names[:3]


def test_columns_that_are_not_there_and_labels_that_are_no_frame(codebook: Codebook, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text('text,label,\nVoss fled.,none,\nBread.,"fleeing, guarding",\n', encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        read(path, codebook, Columns(text="Satz", document="Artikel"))
    assert caught.value.faults == [
        f"{path}:1: Satz: the table has no such column; there are text, label",
        f"{path}:1: Artikel: the table has no such column; there are text, label",
    ]
    with pytest.raises(FaultsError) as caught:
        read(path, codebook, Columns())
    remedy = "correct it, add the frame, or leave the cell empty where there is none; several are separated by | or ;"
    assert caught.value.faults == [
        f"{path}:2: 'none' is not a frame of the codebook (guarding, fleeing); {remedy}",
        f"{path}:3: 'fleeing, guarding' is not a frame of the codebook (guarding, fleeing); {remedy}",
    ]


def test_a_frame_called_label_has_a_column_of_its_own(codebook: Codebook, tmp_path: Path) -> None:
    frames = (codebook.frames[0].model_copy(update={"id": "label", "name": "Label"}), codebook.frames[1])
    path = tmp_path / "table.csv"
    path.write_text("text,Label,fleeing\nVoss fled.,1,0\n", encoding="utf-8")
    found, _ = read(path, codebook.model_copy(update={"frames": frames}), Columns())
    assert found[0].frames == ("label",)


def test_one_of_two_columns_of_labels_is_chosen(codebook: Codebook, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("text,label,frames\nVoss fled.,fleeing,guarding\n", encoding="utf-8")
    with pytest.raises(FaultsError, match=":1: the whole table: several columns could hold the labels; say which with"):
        read(path, codebook, Columns())
    found, _ = read(path, codebook, Columns(labels=("frames",)))
    assert found[0].frames == ("guarding",)
