"""The tables of a scored archive, opened for counting."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
from duckdb import DuckDBPyConnection

from model.codebook import TABLE_COLUMNS
from model.errors import FramelineError
from service.archive_report.columns import date_column, is_address, outlet_column
from service.archive_report.dates import day_of, is_text, slashed
from service.archive_report.manifest import Manifest

_MEMORY = "224MB"
#: The document of a sentence: its id without the position. Documents' own ids may repeat between inputs.
DOCUMENT = "regexp_replace(sentence_id, '-[0-9]+$', '')"


class Tables(NamedTuple):
    """An opened archive.

    ``database`` has the views ``sentences`` and ``stances``, and the table ``documents``: ``key``, ``day``, ``written``
    (the date as it stands), ``outlet``, ``n`` sentences, and for each frame ``y0``, ``y1``, … sentences that have it
    and ``q0``, ``q1``, … the sum of its probabilities.
    """

    database: DuckDBPyConnection
    manifest: Manifest
    date: str | None
    outlet: str | None
    has_text: bool
    order: str | None
    """How a date such as 3/4/2024 was read, if there are any: ``day first`` or ``month first``."""


@contextmanager
def open_tables(folder: Path, date: str | None, outlet: str | None) -> Iterator[Tables]:
    """Open the tables of a finished run; what does not fit into memory goes to a temporary folder.

    Args:
        folder: the run's.
        date: the column of dates; None: look for one.
        outlet: the column of outlets; None: look for one.

    Raises:
        FramelineError: the run is not finished, a table is missing or damaged or empty, or a column is missing.
    """
    manifest = Manifest.load(folder)
    with tempfile.TemporaryDirectory(prefix="frameline-report-") as scratch:
        database = duckdb.connect(
            str(Path(scratch) / "report.duckdb"),
            config={
                "memory_limit": _MEMORY,
                "temp_directory": scratch,
                "threads": 2,
                "preserve_insertion_order": False,
                "TimeZone": "UTC",
                "autoinstall_known_extensions": False,
            },
        )
        try:
            yield _open(database, folder, manifest, date, outlet)
        except duckdb.Error as error:
            raise FramelineError(f"{folder}: cannot read the tables: {str(error).splitlines()[0]}") from error
        finally:
            database.close()


def one_row(database: DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    """The only row of a query that counts something."""
    (row,) = database.execute(query).fetchall()
    return tuple(row)


def quoted(name: str) -> str:
    """A column's name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def _open(
    database: DuckDBPyConnection, folder: Path, manifest: Manifest, date: str | None, outlet: str | None
) -> Tables:
    kinds = _view(database, folder, "sentences")
    _view(database, folder, "stances")
    expected = ["sentence_id", "document", "position"]
    expected += [column for frame in manifest.frames for column in (frame.id, f"{frame.id}_probability")]
    if missing := [name for name in expected if name not in kinds]:
        raise FramelineError(f"{folder / 'sentences'}: these columns are missing: {', '.join(missing)}")
    if one_row(database, "SELECT count(*) FROM sentences") == (0,):
        raise FramelineError(
            f"{folder}: no sentence was labelled, so there is nothing to report. "
            f"Set aside: {sum(manifest.counts.rejected.values())}, listed with reasons in rejected.jsonl."
        )
    passed = [name for name in kinds if name not in (*TABLE_COLUMNS, *expected)]
    date, outlet = date_column(passed, date), outlet_column(passed, outlet)
    _count_documents(database, manifest, date, outlet)
    order = None if date is None else _read_dates(database, kinds[date])
    return Tables(database, manifest, date, outlet, "text" in kinds, order)


def _view(database: DuckDBPyConnection, folder: Path, name: str) -> dict[str, str]:
    """Make a view of a table's files; returns the types of its columns."""
    files = sorted(str(file) for file in (folder / name).glob("*.parquet"))
    if not files:
        raise FramelineError(f"{folder / name}: there are no Parquet files. Was the folder copied as a whole?")
    database.read_parquet(files).create_view(name)
    return {row[0]: row[1] for row in database.execute(f"DESCRIBE {name}").fetchall()}


def _count_documents(database: DuckDBPyConnection, manifest: Manifest, date: str | None, outlet: str | None) -> None:
    counts = "".join(
        # decimals, since the sum of floats depends on the order in which they come
        f", sum(CAST({quoted(frame.id)} AS INTEGER)) AS y{i}"
        f", sum(CAST({quoted(frame.id + '_probability')} AS DECIMAL(9, 6))) AS q{i}"
        for i, frame in enumerate(manifest.frames)
    )
    some = " OR ".join(quoted(frame.id) for frame in manifest.frames)
    written = "NULL" if date is None else f"min({quoted(date)})"
    database.execute(
        f"CREATE TABLE documents AS SELECT {DOCUMENT} AS key, {written} AS written, {_outlet(outlet)} AS outlet, "
        f"count(*) AS n, count(*) FILTER ({some}) AS framed{counts} FROM sentences GROUP BY 1"
    )


def _outlet(column: str | None) -> str:
    if column is None:
        return "CAST(NULL AS VARCHAR)"
    value = f"trim(CAST({quoted(column)} AS VARCHAR))"
    if is_address(column):
        value = f"regexp_extract(lower({value}), '^[a-z]+://(?:[^/@]*@)?(?:www\\.)?([^/:?#]+)', 1)"
    return f"min(nullif({value}, ''))"


def _read_dates(database: DuckDBPyConnection, kind: str) -> str | None:
    """Add the column ``day``; returns how dates such as 3/4/2024 were read, None if there are none."""
    order = None
    if is_text(kind):
        day, month = (day_of("written", kind, month_first=first) for first in (False, True))
        query = f"SELECT count({day}), count({month}) FROM documents WHERE {slashed('written')}"
        days_first, months_first = one_row(database, query)
        if max(days_first, months_first) > 0:
            order = "month first" if months_first > days_first else "day first"
    chosen = day_of("written", kind, month_first=order == "month first")
    database.execute("ALTER TABLE documents ADD COLUMN day DATE")
    database.execute(f"UPDATE documents SET day = {chosen}")
    return order
