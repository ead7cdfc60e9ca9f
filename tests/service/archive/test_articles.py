import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO
from zipfile import ZipFile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from model.errors import InputError
from service.archive import stream as streams
from service.archive.article import Article, Columns, Head, Rejection, Survey
from service.archive.articles import read
from service.archive.inputs import find_inputs
from service.archive.storage import open_stored
from service.archive.surveys import survey
from tests.service.archive.samples import delimited, jsonl, make_rows, make_text, pack, page, parquet, response, warc


def _survey(path: Path, columns: Columns | None = None, records: int = 4, size: int = 1 << 20) -> Survey:
    (source,) = find_inputs([str(path)])
    return survey(source, columns or Columns(), records=records, size=size)


def _read(path: Path, columns: Columns | None = None) -> list[Article]:
    found = _survey(path, columns)
    assert found.fault is None
    articles = []
    for extent in found.extents:
        for record in read(extent, columns or Columns(), found.columns):
            assert isinstance(record, Article), record
            articles.append(record)
    return articles


def test_columns_have_the_names_that_are_given(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        'key,body,who,text\n1,"The army\nleft. Mara Voss stayed.",army; Mara Voss ;,kept\n,Nobody came.,,\n'
    )
    first, second = _read(path, Columns(text="body", id="key", actors="who"))
    assert first == (
        (str(path), 0, 2),
        "1",
        "The army\nleft. Mara Voss stayed.",
        ("army", "Mara Voss"),
        {"text": "kept"},
    )
    assert second == ((str(path), 1, 4), f"{path}:1", "Nobody came.", None, {"text": None})


def test_ids_that_a_gap_has_made_floats_are_integers_again(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    ids = pa.array([7.0, float("nan"), None, 1e15])
    pq.write_table(pa.table({"id": ids, "text": ["One."] * 4}), path)
    assert [article.id for article in _read(path)] == ["7", f"{path}:1", f"{path}:2", "1000000000000000"]
    exact = pa.array([Decimal(10**37), Decimal(8), None], pa.decimal128(38))
    pq.write_table(pa.table({"id": exact, "text": ["One."] * 3}), path)
    assert [article.id for article in _read(path)] == [str(10**37), "8", f"{path}:2"]


def test_documents_without_id_have_different_names_in_different_folders(tmp_path: Path) -> None:
    for folder in ("2023", "2024"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "index.txt").write_text("The army left.")
        (tmp_path / folder / "news.csv").write_text("text\nThe army left.\n")
    found = [survey(source, Columns(), records=4, size=99) for source in find_inputs([str(tmp_path)])]
    articles = [article for one in found for article in read(one.extents[0], Columns(), one.columns)]
    names = [article.id for article in articles if isinstance(article, Article)]
    assert names == [f"{tmp_path}/{year}/{name}" for year in (2023, 2024) for name in ("index.txt", "news.csv:0")]


def test_folders_that_name_columns_give_them(tmp_path: Path) -> None:
    path = tmp_path / "outlet=The%20Post/month=03/id=7/desk=__HIVE_DEFAULT_PARTITION__/year=2024/a.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(jsonl([{"text": "One."}, {"text": "Two.", "outlet": "Mail", "year": "last"}]))
    assert _survey(path).columns == {
        "outlet": "string",
        "month": "string",
        "desk": "null",
        "year": "string",
    }
    first, second = _read(path)
    assert first.columns == {"outlet": "The Post", "month": "03", "desk": None, "year": "2024"}
    assert second.columns == {"outlet": "Mail", "month": "03", "desk": None, "year": "last"}
    assert first.id == f"{path}:0"


def test_folders_name_columns_of_whole_files_and_within_others(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "c.zip", "w") as file:
        file.writestr("year=2024/a.txt", "One.")
    (source,) = find_inputs([f"zip://**::file://{tmp_path}/c.zip"])
    found = survey(source, Columns(), records=4, size=99)
    (article,) = read(found.extents[0], Columns(), found.columns)
    assert isinstance(article, Article)
    assert article.columns == {"year": 2024}


def test_a_list_of_objects_in_one_line_names_what_makes_lines_of_it(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('[{"text": "One."}, {"text": "Two."}]')
    (extent,) = _survey(path).extents
    (rejection,) = read(extent, Columns(), {})
    assert isinstance(rejection, Rejection)
    assert rejection.reason.startswith("not a JSON object but a list; make a line of each object in it: jq -c '.[]'")


def test_actors_of_json_lines_are_a_list(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        jsonl([{"text": "The army left.", "actors": ["army"]}, {"text": "It left.", "actors": []}, {"text": "A"}])
    )
    assert [article.actors for article in _read(path)] == [("army",), (), None]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_may_have_any_usual_delimiter(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(delimited(make_rows(6), delimiter))
    assert [article.text for article in _read(path)] == [make_text(number) for number in range(6)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".txt", ".jsonl.gz"])
def test_marks_tell_the_encoding(tmp_path: Path, encoding: str, suffix: str) -> None:
    text = "Nächtens räumte die Armee den Hafen. Ċਊ\u2028Ende."
    rows = [{"id": "é", "text": text, "outlet": "Ċ"}] * 9
    made = {
        ".jsonl": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows),
        ".csv": delimited(rows).decode(),
        ".txt": text,
    }
    content = made[suffix.removesuffix(".gz")].encode(encoding)
    path = tmp_path / f"a{suffix}"
    path.write_bytes(pack(content, "gzip") if suffix.endswith(".gz") else content)
    assert {article.text for article in _read(path)} == {text}


@pytest.mark.parametrize("suffix", [".parquet", ".arrow"])
def test_columns_of_a_table_that_are_called_alike_are_a_fault(tmp_path: Path, suffix: str) -> None:
    table = pa.Table.from_arrays([pa.array(["One."]), pa.array(["Two."])], names=["text", "text"])
    path = tmp_path / f"a{suffix}"
    if suffix == ".parquet":
        pq.write_table(table, path)
    else:
        with pa.ipc.new_file(path, table.schema) as file:
            file.write_table(table)
    found = _survey(path)
    assert (found.records, found.fault) == (0, "columns that stand twice: text; rename one of each")


def test_types_of_a_table_are_kept(tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": ["One.", "Two."],
            "when": pa.array([datetime(2024, 3, 5, 1), None], pa.timestamp("ns", "Europe/Berlin")),
            "seen": pa.array([True, None]),
            "tags": [["a", None], []],
            "outlet": pa.array(["x", "y"]).dictionary_encode(),
            "share": pa.array([0.5, None], pa.float32()),
            "none": pa.nulls(2),
        }
    )
    path = tmp_path / "a.parquet"
    pq.write_table(table, path)
    assert _survey(path).columns == {
        "when": "timestamp",
        "seen": "boolean",
        "tags": "string",
        "outlet": "string",
        "share": "number",
        "none": "null",
    }
    first, second = _read(path)
    assert first.columns == {
        "when": datetime(2024, 3, 5, 1, tzinfo=UTC),
        "seen": True,
        "tags": '["a", null]',
        "outlet": "x",
        "share": 0.5,
        "none": None,
    }
    assert second.columns == {"when": None, "seen": None, "tags": "[]", "outlet": "y", "share": None, "none": None}


def test_a_page_gives_its_main_text_title_and_date(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(page(4))
    (article,) = _read(path)
    assert article.id == str(path)
    assert make_text(5) in article.text
    assert "Home" not in article.text
    assert article.columns == {"title": "Dispatch 4", "date": "2024-03-05"}


def test_of_a_crawl_only_pages_that_were_found_count(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    others = [response(7, b"gone", status="404 Not Found"), response(8, b"GIF", "Content-Type: image/gif")]
    packed = response(9, pack(page(9), "gzip"), "Content-Type: text/html\r\nContent-Encoding: gzip")
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(pack(record, "gzip") for record in [*warc(2), *others, packed]))
    articles = _read(path)
    assert [article.columns["url"] for article in articles] == [
        f"https://courier.example/{number}" for number in (0, 1, 9)
    ]
    assert "2 responses that are no HTML page are passed over" in caplog.text


def test_extents_have_no_more_records_and_bytes_than_asked_for(tmp_path: Path) -> None:
    content = jsonl(make_rows(100))
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    by_count = _survey(path, records=8).extents
    assert [extent.count for extent in by_count] == [8] * 12 + [4]
    assert content[by_count[3].offset :].startswith(b'{"id": "d24"')
    line = len(content) // 100
    assert {extent.count for extent in _survey(path, records=99, size=10 * line).extents[:-1]} <= {10, 11}


_ROWS = make_rows(30)


@pytest.mark.parametrize(
    ("name", "content", "counts"),
    [
        ("a.jsonl.gz", pack(jsonl(_ROWS), "gzip"), [5, 5, 4, 8, 8]),
        ("a.csv", delimited(_ROWS), [5, 5, 4, 8, 8]),
        ("a.parquet", parquet(_ROWS, group=12), [5, 5, 2, 2, 8, 2, 6]),
    ],
)
def test_the_first_records_are_cut_apart_for_a_trial(
    tmp_path: Path, name: str, content: bytes, counts: list[int]
) -> None:
    (tmp_path / name).write_bytes(content)
    (source,) = find_inputs([str(tmp_path / name)])
    found = survey(source, Columns(), records=8, size=1 << 20, head=Head(14, 5))
    assert [extent.count for extent in found.extents] == counts
    articles = [article for extent in found.extents for article in read(extent, Columns(), found.columns)]
    assert [article.place.record for article in articles] == list(range(30))


def test_extents_in_order_open_a_compressed_file_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(pack(jsonl(make_rows(40)), "gzip"))
    found = _survey(path)
    opened: list[str] = []

    def open_counted(url: str) -> BinaryIO:
        opened.append(url)
        return open_stored(url)

    monkeypatch.setattr(streams, "open_stored", open_counted)
    for extent in found.extents[::2]:
        list(read(extent, Columns(), found.columns))
    assert opened == [str(path)]


def test_a_file_that_has_changed_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl(make_rows(9)))
    found = _survey(path)
    path.write_bytes(jsonl(make_rows(5)))
    with pytest.raises(InputError, match="has changed since its survey: record 5 is gone"):
        list(read(found.extents[1], Columns(), found.columns))


def test_blank_lines_are_no_records_but_are_counted_as_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\n{"text": "One."}\n  \n\n{"text": 2}\n')
    found = _survey(path, records=1)
    records = [record for extent in found.extents for record in read(extent, Columns(), found.columns)]
    assert [(record.place.record, record.place.line) for record in records] == [(0, 2), (1, 5)]
    assert isinstance(records[1], Rejection)
    assert records[1].id == f"{path}:1"


def test_more_columns_than_a_table_has_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl([{"text": "One.", f"c{number}": 1} for number in range(1001)]))
    found = _survey(path)
    assert len(found.columns) == 1000
    assert found.fault is not None
    assert "'c1000'" in found.fault
