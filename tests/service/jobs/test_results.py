import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from service.jobs.form import Form, Table
from service.jobs.results import Results
from service.problems import ProblemError

REJECTED = [
    {"input": "news.jsonl", "record": 3, "line": 4, "id": None, "kind": "fault", "reason": "no text"},
    {"input": "news.jsonl", "record": -1, "line": None, "id": "x", "kind": "language", "reason": "de"},
]


@pytest.fixture
def table() -> pa.Table:
    rows = 4_500
    return pa.table(
        {
            "sentence_id": [f"s{number}" for number in range(rows)],
            "position": pa.array(range(rows), pa.int32()),
            "score": [float("nan") if number == 7 else number / rows for number in range(rows)],
            "date": pa.array([datetime(2024, 5, 11, tzinfo=UTC)] * rows, pa.timestamp("us", "UTC")),
        }
    )


@pytest.fixture
def results(table: pa.Table, tmp_path: Path) -> Results:
    """Tables in several parts, one of which is empty and one of which has several row groups."""
    (tmp_path / "sentences").mkdir()
    for number, (begin, end) in enumerate([(0, 1_000), (1_000, 1_000), (1_000, 4_000), (4_000, 4_500)]):
        part = table.slice(begin, end - begin)
        pq.write_table(part, tmp_path / "sentences" / f"part-{number:06d}.parquet", row_group_size=700)
    (tmp_path / "rejected.jsonl").write_text("".join(json.dumps(row) + "\n" for row in REJECTED), encoding="utf-8")
    return Results(tmp_path)


def test_parts_are_joined_to_one_parquet_file_piece_by_piece(results: Results, table: pa.Table) -> None:
    pieces = list(results.stream(Table.SENTENCES, Form.PARQUET))
    assert len(pieces) > 7
    content = io.BytesIO(b"".join(pieces))
    assert pq.ParquetFile(content).num_row_groups == 8
    joined = pq.read_table(content)
    assert joined.schema.equals(table.schema)
    assert joined.drop_columns("score").equals(table.drop_columns("score"))


def test_rows_are_lines(results: Results, table: pa.Table) -> None:
    lines = b"".join(results.stream(Table.SENTENCES, Form.JSONL)).splitlines()
    assert len(lines) == table.num_rows
    first, odd = json.loads(lines[0]), json.loads(lines[7])
    assert first == {"sentence_id": "s0", "position": 0, "score": 0.0, "date": "2024-05-11T00:00:00Z"}
    assert odd["score"] is None


def test_what_was_set_aside_comes_in_both_forms(results: Results, tmp_path: Path) -> None:
    lines = b"".join(results.stream(Table.REJECTED, Form.JSONL)).splitlines()
    assert [json.loads(line) for line in lines] == REJECTED
    content = io.BytesIO(b"".join(results.stream(Table.REJECTED, Form.PARQUET)))
    assert pq.read_table(content).to_pylist() == REJECTED
    (tmp_path / "rejected.jsonl").write_bytes(b"")
    assert b"".join(results.stream(Table.REJECTED, Form.JSONL)) == b""
    assert pq.read_table(io.BytesIO(b"".join(results.stream(Table.REJECTED, Form.PARQUET)))).num_rows == 0


@pytest.mark.parametrize(
    ("table_", "form"), [(Table.MANIFEST, Form.PARQUET), (Table.MANIFEST, Form.JSONL), (Table.STANCES, Form.JSON)]
)
def test_other_forms_are_refused(results: Results, table_: Table, form: Form) -> None:
    with pytest.raises(ProblemError) as caught:
        results.stream(table_, form)
    assert caught.value.problem.status == 422
