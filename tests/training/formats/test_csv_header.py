from pathlib import Path

import pytest

from model.annotation import Annotation
from model.codebook import Codebook
from model.errors import FaultsError
from training.formats.csv_table import CsvTable
from training.formats.intake import Intake
from training.formats.registry import read_formats
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


def test_columns_that_are_named_count_beside_others_that_are_called_so(codebook: Codebook, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("text,document,Article,label,fleeing\nVoss fled.,1,a,guarding,1\n", encoding="utf-8")
    columns = Columns(document="Article", labels=("label",))
    (found,), intake = read(path, codebook, columns)
    (learned,) = read_tables([path], columns, codebook)
    assert (found.document, found.frames) == (learned.document, learned.frames) == ("a", ("guarding",))
    assert dict(intake.notes) == {
        f"csv: the column {column!r} left out, others were named in its place": 1 for column in ("document", "fleeing")
    }


@pytest.mark.parametrize("labels", [("guarding", "Fleeing"), ("Fleeing", "guarding")])
def test_several_columns_of_labels_are_named(labels: tuple[str, ...], codebook: Codebook, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("text,label,guarding,Fleeing\nVoss fled.,guarding,0,1\n", encoding="utf-8")
    (found,), _ = read(path, codebook, Columns(labels=labels))
    assert found.frames == ("fleeing",)
    with pytest.raises(FaultsError) as caught:
        read(path, codebook, Columns(labels=("label", *labels)))
    assert [fault.split(";")[0] for fault in caught.value.faults] == [
        f"{path}:1: the whole table: of several columns of labels, each is called as a frame and has 1 or 0"
    ]
    with pytest.raises(FaultsError) as caught:
        read(path, codebook, Columns(labels=("guarding",)))
    assert caught.value.faults == [
        f"{path}:1: fleeing: no --label-column names this frame of the codebook; name its column, with 1 or 0, too"
    ]


@pytest.mark.parametrize("suffix", [".jsonl", ".ndjson"])
def test_tables_as_json_lines_are_read_as_training_reads_them(suffix: str, codebook: Codebook, tmp_path: Path) -> None:
    path = tmp_path / f"table{suffix}"
    rows = [
        '{"text": "Voss fled.", "label": "Fleeing|guarding", "document": 7, "more": {"a": 1}}',
        '{"text": "Bread.", "label": ["guarding", "fleeing"]}',
        '{"text": "Oil.", "label": "", "document": null}',
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "corpus.jsonl").write_text('{"id": "1", "text": "Oil."}\n', encoding="utf-8")
    intake = Intake(codebook, "ana")
    assert read_formats([tmp_path], None, intake) == ["csv"]
    found = intake.finish()
    assert [one.frames for one in found] == [("guarding", "fleeing"), ("guarding", "fleeing"), ()]
    learned = read_tables([path], Columns(), codebook)
    assert [(one.id, one.document, {*one.frames}) for one in found] == [
        (one.id, one.document, {*one.frames}) for one in learned
    ]


def test_json_lines_with_a_field_a_frame(codebook: Codebook, tmp_path: Path) -> None:
    path = tmp_path / "table.jsonl"
    rows = [
        '{"text": "Voss fled.", "guarding": false, "fleeing": 1.0, "id": 1}',
        '{"kind": "actor", "id": 1, "mention": "Voss", "start": 0, "end": 4, "stance": "critical"}',
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    (found,), _ = read(path, codebook, Columns())
    assert (found.id, found.frames, [one.stance for one in found.actors]) == ("1", ("fleeing",), ["critical"])


def test_faults_of_json_lines_are_named_by_line_and_field(codebook: Codebook, tmp_path: Path) -> None:
    path = tmp_path / "table.jsonl"
    rows = [
        '{"text": "Oil.", "Thema": null}',
        '{"text": 5, "Thema": [1]}',
        '{"Thema": ""}',
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        read(path, codebook, Columns(labels=("Thema",)))
    assert [fault.split(";")[0] for fault in caught.value.faults] == [
        f"{path}:1: Thema: missing",
        f"{path}:2: text: 5 is no text",
        f"{path}:2: Thema: [1] is no cell of a table",
        f"{path}:3: text: missing",
    ]


@pytest.mark.parametrize(
    "content",
    [
        "sep=;\r\ntext;label\r\nVoss fled.;fleeing\r\n",
        '"sep=;"\n"text";"label"\n"Voss fled.";"fleeing"\n',
        "SEP=\t\ntext\tlabel\nVoss fled.\tfleeing\n",
        'text;"Which one, if any, holds, and why?";label\nVoss fled.;;fleeing\n',
    ],
)
def test_the_delimiter_is_the_one_that_is_said_or_stands_outside_of_quotes(
    content: str, codebook: Codebook, tmp_path: Path
) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"\xef\xbb\xbf" + content.encode())
    intake = Intake(codebook, "ana")
    assert read_formats([path], None, intake) == ["csv"]
    assert [one.frames for one in intake.finish()] == [("fleeing",)]
    assert [one.frames for one in read_tables([path], Columns(), codebook)] == [("fleeing",)]


def test_a_field_that_is_called_like_a_frame_may_lack_in_json_lines(codebook: Codebook, tmp_path: Path) -> None:
    frames = (codebook.frames[0].model_copy(update={"id": "origin", "name": "Other"}), codebook.frames[1])
    path = tmp_path / "table.jsonl"
    rows = [
        '{"text": "Oil.", "frame:origin": 1, "fleeing": 0, "origin": "o"}',
        '{"text": "Ice.", "frame:origin": 0, "fleeing": 1}',
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    found, _ = read(path, codebook.model_copy(update={"frames": frames}), Columns())
    assert [(one.frames, one.origin == "o") for one in found] == [(("origin",), True), (("fleeing",), False)]
