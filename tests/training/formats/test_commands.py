from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from frameline import main
from model.annotation import read_annotations
from model.codebook import Codebook
from training.formats.registry import NAMES


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["annotations", *map(str, arguments)])


@pytest.mark.parametrize("name", [name for name in NAMES if name != "jsonl"])
def test_out_and_in_again(name: str, annotation_file: Path, codebook_file: Path, tmp_path: Path) -> None:
    tool = tmp_path / ("tool.csv" if name == "csv" else "tool.jsonl" if name in ("doccano", "prodigy") else "tool")
    schema = ("--codebook", codebook_file)
    assert run("export", annotation_file, "--format", name, "--out", tool, *schema).exit_code == 0
    result = run("import", tool, "--out", tmp_path / "back.jsonl", "--annotator", "two", *schema)
    assert result.exit_code == 0, result.output
    assert f"60 annotated sentences with 60 actor mentions, from {name}" in result.output
    back = (tmp_path / "back.jsonl").read_text(encoding="utf-8")
    assert back.count('"annotator": "two"') == 60
    checked = run("validate", tmp_path / "back.jsonl", *schema)
    assert "no faults" in checked.output


def test_nothing_is_overwritten(annotation_file: Path, codebook_file: Path, tmp_path: Path) -> None:
    before = annotation_file.read_bytes()
    for command in (("import",), ("export", "--format", "csv")):
        result = run(*command, annotation_file, "--out", annotation_file, "--codebook", codebook_file)
        assert result.exit_code == 2
        assert "is there already" in result.output
    assert annotation_file.read_bytes() == before


def test_help_lists_the_formats() -> None:
    result = run("export", "--help")
    assert all(name in result.output for name in NAMES)


def test_an_import_without_a_sentence_is_an_error(codebook_file: Path, tmp_path: Path) -> None:
    tasks, out = tmp_path / "tasks.json", tmp_path / "out.jsonl"
    tasks.write_text('[{"data": {"text": "Voss fled."}, "annotations": []}]', encoding="utf-8")
    result = run("import", tasks, "--out", out, "--codebook", codebook_file)
    assert result.exit_code == 2
    assert "note: tasks without annotations of Label Studio left out" in result.output
    assert f"{tasks}: no annotated sentence there; nothing was written" in result.output
    assert not out.exists()


def test_json_lines_with_columns_that_are_called_otherwise(codebook_file: Path, tmp_path: Path) -> None:
    table, out = tmp_path / "coded.jsonl", tmp_path / "out.jsonl"
    table.write_text('{"Satz": "Voss fled.", "Guarding": 0, "fleeing": 1}\n', encoding="utf-8")
    schema = ("--codebook", codebook_file, "--annotator", "ana", "--out", out)
    unnamed = run("import", table, *schema)
    assert f"{table}: no known format, or a table whose columns are called otherwise; say which" in unnamed.output
    labels = ("--label-column", "Guarding", "--label-column", "fleeing")
    result = run("import", table, "--text-column", "Satz", *labels, *schema)
    assert result.exit_code == 0, result.output
    (found,) = read_annotations([out], Codebook.load(codebook_file))
    assert found.frames == ("fleeing",)


def test_columns_of_a_table_are_named(codebook_file: Path, tmp_path: Path) -> None:
    table, out = tmp_path / "excel.csv", tmp_path / "out.jsonl"
    table.write_bytes(
        "\ufeffWer;Satz;Artikel;Thema\r\nana;Voss fled.;a;Fleeing\r\nben;Voss fled.;a;\r\n;;;\r\n".encode()
    )
    schema = ("--codebook", codebook_file, "--out", out)
    unnamed = run("import", table, *schema)
    assert "a table without a column text; name the one that holds the sentences (--text-column)" in unnamed.output
    assert "1 fault; nothing was written" in unnamed.output
    named = ("--text-column", "Satz", "--document-column", "Artikel", "--annotator-column", "Wer")
    result = run("import", table, *named, "--label-column", "Thema", *schema)
    assert result.exit_code == 0, result.output
    found = read_annotations([out], Codebook.load(codebook_file))
    assert [(one.annotator, one.document, one.frames) for one in found] == [
        ("ana", "a", ("fleeing",)),
        ("ben", "a", ()),
    ]
    assert len({one.id for one in found}) == 1
    other = run(
        "import",
        table,
        "--format",
        "brat",
        "--text-column",
        "Satz",
        "--codebook",
        codebook_file,
        "--out",
        tmp_path / "x",
    )
    assert other.exit_code == 2
    assert "--format brat has no columns; leave out the options that name some" in other.output
