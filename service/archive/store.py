"""Labels of sentences that were scored, kept on disk so that a sentence is scored once on a machine."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from service.archive.errors import DiskError

#: The name of its file.
STORE = "labels.sqlite"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS labels (key BLOB PRIMARY KEY, shard INTEGER NOT NULL, label TEXT NOT NULL) WITHOUT ROWID
"""
#: Keys that one query looks up: SQLite allows no more variables than 999 in its older versions.
_AT_ONCE = 900
_DISK = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


class Stance(NamedTuple):
    """A mention's stance: ``start`` and ``end`` count from the sentence's begin; one probability a stance."""

    start: int
    end: int
    actor: str | None
    probabilities: Sequence[float]


class Label(NamedTuple):
    """What the model says of a sentence: one probability a frame, and the stances in order of appearance."""

    frames: Sequence[float]
    stances: Sequence[Stance]


class Known(NamedTuple):
    """A label from the store, and the number of the shard that put it there."""

    shard: int
    label: Label


class LabelStore:
    """A table from sentences to labels that several processes of a machine share.

    It holds what may be computed again: labels depend on the sentence alone, so that the tables of a run are the same
    whatever is in the store. One thread at a time may use an object of this class.

    Args:
        file: the file; made where there is none.

    Raises:
        DiskError: the disk is full, or fails.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        with _disk_errors(file):
            self._connection = sqlite3.connect(file, timeout=60, isolation_level=None, check_same_thread=False)
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:  # busy: another process that has just opened it does the same
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute("PRAGMA cache_size = -16000")
            self._connection.execute(_SCHEMA)

    @classmethod
    def prepare(cls, file: Path) -> None:
        """Make the file where there is none, and make it anew where it is damaged, as by a power cut.

        Raises:
            DiskError: the disk is full, or fails.
        """
        try:
            cls(file).close()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            for suffix in ("", "-wal", "-shm"):
                file.with_name(file.name + suffix).unlink(missing_ok=True)
            cls(file).close()

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Known]:
        """The labels that are there, by key."""
        found = {}
        for start in range(0, len(keys), _AT_ONCE):
            part = keys[start : start + _AT_ONCE]
            query = f"SELECT key, shard, label FROM labels WHERE key IN ({','.join('?' * len(part))})"  # noqa: S608 - only marks
            for key, shard, label in self._connection.execute(query, part):
                found[key] = Known(shard, _decode(label))
        return found

    def put(self, shard: int, labels: Mapping[bytes, Label]) -> None:
        """Keep labels; those that another process put there meanwhile stay.

        Raises:
            DiskError: the disk is full, or fails.
        """
        rows = [(key, shard, _encode(label)) for key, label in labels.items()]
        with _disk_errors(self._file), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany("INSERT OR IGNORE INTO labels VALUES (?, ?, ?)", rows)

    def close(self) -> None:
        """Leave the file."""
        self._connection.close()


@contextmanager
def _disk_errors(file: Path) -> Iterator[None]:
    """SQLite's words for a disk that is full or fails become ours."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in _DISK:
            raise
        raise DiskError(str(file), str(error)) from None


def _encode(label: Label) -> str:
    return json.dumps(label, separators=(",", ":"))


def _decode(text: str) -> Label:
    frames, stances = json.loads(text)
    return Label(frames, [Stance(*stance) for stance in stances])
