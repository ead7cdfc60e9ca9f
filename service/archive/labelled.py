"""The rows of the two tables of a scored archive, as Parquet: sentences, and stances toward the actors in them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from service.archive.layout import Layout

#: Characters that the sentences of a row group repeat of their documents, at most: a string column holds 2 GiB.
_REPEATED = 64 << 20


class SentenceRows:
    """Rows of the sentences' table, kept column by column; a document's own values are kept once.

    Args:
        layout: the columns.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._documents: list[str] = []
        self._values: dict[str, list[object]] = {name: [] for name in layout.types}
        self._document: list[int] = []
        self._ids: list[str] = []
        self._places: tuple[list[int], list[int], list[int]] = ([], [], [])
        self._texts: list[str] = []
        self._probabilities: list[list[float]] = [[] for _ in layout.frame_ids]
        self._present: list[list[bool]] = [[] for _ in layout.frame_ids]

    def begin(self, document: str, values: Mapping[str, object]) -> int:
        """Take a document, of which ``values`` pass through; gives its number, by which its sentences name it."""
        self._documents.append(document)
        for name, column in self._values.items():
            column.append(values.get(name))
        return len(self._documents) - 1

    def add(
        self,
        document: int,
        sentence_id: str,
        position: int,
        start: int,
        end: int,
        text: str,
        probabilities: Sequence[float],
        present: Sequence[bool],
    ) -> None:
        """Add a sentence, with one probability a frame, and whether it is present."""
        self._document.append(document)
        self._ids.append(sentence_id)
        for column, value in zip(self._places, (position, start, end), strict=True):
            column.append(value)
        if self._layout.keep_text:
            self._texts.append(text)
        for frame, probability in enumerate(probabilities):
            self._probabilities[frame].append(probability)
            self._present[frame].append(present[frame])

    def encode(self) -> bytes:
        """All rows as a Parquet file; of one row group, unless long values pass through."""
        return _parquet(self._layout.sentences, self._groups())

    def _groups(self) -> Iterator[pa.Table]:
        document = pa.array(self._document, pa.int64())
        columns = [
            pa.array(self._ids, pa.string()),
            pa.array(self._documents, pa.string()),
            pa.array(self._places[0], pa.int32()),
            pa.array(self._places[1], pa.int64()),
            pa.array(self._places[2], pa.int64()),
            *([pa.array(self._texts, pa.string())] if self._layout.keep_text else []),
        ]
        for present, probabilities in zip(self._present, self._probabilities, strict=True):
            columns += [pa.array(present, pa.bool_()), pa.array(probabilities, pa.float64())]
        own = len(columns)
        columns += [pa.array(self._values[name], kind) for name, kind in self._layout.types.items()]
        for first, count in self._cuts():
            rows = document.slice(first, count)
            arrays = [
                column.take(rows) if number == 1 or number >= own else column.slice(first, count)
                for number, column in enumerate(columns)
            ]
            yield pa.Table.from_arrays(arrays, schema=self._layout.sentences)

    def _cuts(self) -> Iterator[tuple[int, int]]:
        """The first row of each row group, and how many it has."""
        sizes = [len(name) for name in self._documents]
        for column in self._values.values():
            for number, value in enumerate(column):
                if isinstance(value, str):
                    sizes[number] += len(value)
        first = repeated = 0
        for row, document in enumerate(self._document):
            repeated += sizes[document]
            if repeated > _REPEATED and row > first:
                yield first, row - first
                first, repeated = row, sizes[document]
        yield first, len(self._document) - first


class StanceRows:
    """Rows of the stances' table, kept column by column.

    Args:
        layout: the columns.
    """

    def __init__(self, layout: Layout) -> None:
        self._schema = layout.stances
        self._columns: list[list[Any]] = [[] for _ in self._schema]

    def __len__(self) -> int:
        return len(self._columns[0])

    def add(self, row: Sequence[object]) -> None:
        """Add a row, its values in the order of the columns."""
        for column, value in zip(self._columns, row, strict=True):
            column.append(value)

    def encode(self) -> bytes:
        """All rows as a Parquet file."""
        arrays = [pa.array(column, field.type) for column, field in zip(self._columns, self._schema, strict=True)]
        return _parquet(self._schema, [pa.Table.from_arrays(arrays, schema=self._schema)])


def _parquet(schema: pa.Schema, groups: Iterable[pa.Table]) -> bytes:
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        for group in groups:
            writer.write_table(group)
    content: bytes = sink.getvalue().to_pybytes()
    return content
