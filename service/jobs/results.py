"""The tables of a job as streams: a piece of one is in memory at a time."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic_core import to_json

from service.archive.manifest import MANIFEST
from service.archive.rejected import REJECTED
from service.jobs.form import Form, Table
from service.problems import fault

_ROWS = 1_000
_BLOCK = 1 << 18
_REJECTED_SCHEMA = pa.schema(
    {
        "input": pa.string(),
        "record": pa.int64(),
        "line": pa.int64(),
        "id": pa.string(),
        "kind": pa.string(),
        "reason": pa.string(),
    }
)
#: Options that are paths of the machine that runs the service.
_PRIVATE = ("model", "codebook")


class Results:
    """What came of a job.

    Args:
        folder: where it is.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def stream(self, table: Table, form: Form) -> Iterator[bytes]:
        """A table, piece by piece.

        Raises:
            ProblemError: 422 if there is no such form of it.
        """
        if table is Table.MANIFEST:
            if form is not Form.JSON:
                raise fault(("query", "format"), "format", "the manifest is JSON; ask for json, or for none")
            return iter([self._manifest()])
        if form is Form.JSON:
            raise fault(("query", "format"), "format", "tables are parquet or jsonl")
        if table is Table.REJECTED:
            return self._rejected_lines() if form is Form.JSONL else _write(_REJECTED_SCHEMA, self._rejected())
        parts = sorted((self._folder / table).glob("*.parquet"))
        return _lines(parts) if form is Form.JSONL else _join(parts)

    def _manifest(self) -> bytes:
        content = json.loads((self._folder / MANIFEST).read_bytes())
        for name in _PRIVATE:
            content["options"].pop(name, None)
        return json.dumps(content, indent=2, ensure_ascii=False).encode() + b"\n"

    def _rejected_lines(self) -> Iterator[bytes]:
        with (self._folder / REJECTED).open("rb") as stream:
            while block := stream.read(_BLOCK):
                yield block

    def _rejected(self) -> Iterator[pa.Table]:
        with (self._folder / REJECTED).open("rb") as stream:
            while rows := [json.loads(line) for line in islice(stream, _ROWS)]:
                yield pa.Table.from_pylist(rows, schema=_REJECTED_SCHEMA)


class _Sink:
    """A file that forgets what was taken from it."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._position = 0

    def write(self, piece: Any) -> int:
        content = bytes(piece)
        self._pieces.append(content)
        self._position += len(content)
        return len(content)

    def tell(self) -> int:
        return self._position

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """What was written can still be taken."""

    def take(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _join(parts: Iterable[Path]) -> Iterator[bytes]:
    """One Parquet file of several, row group by row group."""
    files = list(parts)
    return _write(pq.read_schema(files[0]), (group for part in files for group in _row_groups(part)))


def _row_groups(part: Path) -> Iterator[pa.Table]:
    with pq.ParquetFile(part) as file:
        for number in range(file.num_row_groups):
            yield file.read_row_group(number, use_threads=False)


def _write(schema: pa.Schema, tables: Iterable[pa.Table]) -> Iterator[bytes]:
    sink = _Sink()
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        for table in tables:
            if table.num_rows:
                writer.write_table(table)
                yield sink.take()
    yield sink.take()


def _lines(parts: Iterable[Path]) -> Iterator[bytes]:
    for part in parts:
        with pq.ParquetFile(part) as file:
            for batch in file.iter_batches(batch_size=_ROWS, use_threads=False):
                yield b"".join(to_json(row, inf_nan_mode="null") + b"\n" for row in batch.to_pylist())
