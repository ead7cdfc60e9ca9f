"""The book of all jobs, an SQLite database: what was taken stays, whatever happens to the service."""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from service.jobs.entry import LIVE, Entry, Task
from service.jobs.job import JobProgress, Status

#: The first one said of a job neither its codebook nor its model's version.
_VERSION = 2
_TABLE = """
CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    status TEXT NOT NULL,
    task TEXT NOT NULL,
    progress TEXT NOT NULL,
    message TEXT NOT NULL DEFAULT '',
    created REAL NOT NULL,
    started REAL,
    ended REAL,
    attempts INTEGER NOT NULL DEFAULT 0
)
"""
_COLUMNS = "id, owner, status, task, progress, message, created, started, ended, attempts"


class LedgerVersionError(Exception):
    """The database was written by another version of Frameline."""


class Ledger:
    """The jobs; may be used from any thread.

    Args:
        file: the database; it is made where there is none.

    Raises:
        LedgerVersionError: a later version wrote it.
        sqlite3.Error: it cannot be opened.
    """

    def __init__(self, file: Path) -> None:
        self._lock = Lock()
        file.touch(mode=0o600)  # names of files and columns are in it
        self._connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version > _VERSION:
            self._connection.close()
            raise LedgerVersionError(f"{file}: is of version {version}, and this Frameline reads {_VERSION}")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")  # a job that was taken survives a power cut
        self._connection.execute(_TABLE)
        self._connection.execute(f"PRAGMA user_version = {_VERSION}")

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._connection.close()

    def add(self, identity: str, owner: str, task: Task, waiting: int) -> Entry | None:
        """Add a job that waits; None where as many as ``waiting`` do so already."""
        added = self._change(
            "INSERT INTO jobs (id, owner, status, task, progress, created) SELECT ?, ?, ?, ?, ?, ? "
            "WHERE (SELECT count(*) FROM jobs WHERE status = ?) < ?",
            (
                identity,
                owner,
                Status.QUEUED,
                task.model_dump_json(),
                JobProgress().model_dump_json(),
                time.time(),
                Status.QUEUED,
                waiting,
            ),
        )
        return added[0] if added else None

    def find(self, identity: str, owner: str) -> Entry | None:
        """The job of an id and an owner; None where there is none."""
        found = self._query("id = ? AND owner = ?", (identity, owner))
        return found[0] if found else None

    def of(self, owner: str, most: int) -> list[Entry]:
        """An owner's jobs, the newest first, so many at the most."""
        return self._query("owner = ? ORDER BY number DESC LIMIT ?", (owner, most))

    def identities(self, statuses: Iterable[Status]) -> set[str]:
        """The ids of the jobs of some statuses."""
        asked = list(statuses)
        return {entry.id for entry in self._query(f"status IN ({', '.join('?' * len(asked))})", asked)}

    def counts(self) -> dict[Status, int]:
        """How many jobs there are of each status."""
        with self._lock:
            rows = self._connection.execute("SELECT status, count(*) FROM jobs GROUP BY status").fetchall()
        return dict.fromkeys(Status, 0) | {Status(status): count for status, count in rows}

    def take(self) -> Entry | None:
        """Let the job that waits longest run; None where none waits."""
        taken = self._change(
            "UPDATE jobs SET status = ?, attempts = attempts + 1, started = coalesce(started, ?) "
            "WHERE number = (SELECT min(number) FROM jobs WHERE status = ?)",
            (Status.RUNNING, time.time(), Status.QUEUED),
        )
        return taken[0] if taken else None

    def runs(self, identity: str) -> bool:
        """Whether a job is one that runs."""
        return bool(self._query("id = ? AND status = ?", (identity, Status.RUNNING)))

    def put_back(self, identity: str | None = None, *, calm: bool = False) -> bool:
        """Let a job that runs, by default every one, wait again; False where none does.

        ``calm`` says that it was stopped in an orderly way.
        """
        changed = self._change(
            "UPDATE jobs SET status = ?, attempts = attempts * ? WHERE status = ? AND id = coalesce(?, id)",
            (Status.QUEUED, 0 if calm else 1, Status.RUNNING, identity),
        )
        return bool(changed)

    def end(self, identity: str, status: Status, progress: JobProgress | None = None, message: str = "") -> bool:
        """Let a job that waits or runs end; False where it did so before."""
        ended = self._change(
            "UPDATE jobs SET status = ?, progress = coalesce(?, progress), message = ?, ended = ? "
            "WHERE id = ? AND status IN (?, ?)",
            (status, None if progress is None else progress.model_dump_json(), message, time.time(), identity, *LIVE),
        )
        return bool(ended)

    def expire(self, before: float) -> None:
        """Let the results of jobs go that ended before a time."""
        self._change(
            "UPDATE jobs SET status = ? WHERE status IN (?, ?) AND ended < ?",
            (Status.EXPIRED, Status.FINISHED, Status.FAILED, before),
        )

    def forget(self, identity: str) -> None:
        """Remove a job that has ended."""
        self._change("DELETE FROM jobs WHERE id = ? AND status NOT IN (?, ?)", (identity, *LIVE))

    def forget_before(self, before: float) -> None:
        """Remove the jobs that ended before a time."""
        self._change("DELETE FROM jobs WHERE ended < ?", (before,))

    def _change(self, statement: str, values: Sequence[Any]) -> list[Entry]:
        """Change rows; what they are now, or of those that were removed, what they were."""
        with self._lock:
            return [_read(row) for row in self._connection.execute(f"{statement} RETURNING {_COLUMNS}", values)]

    def _query(self, condition: str, values: Sequence[Any]) -> list[Entry]:
        with self._lock:
            rows = self._connection.execute(f"SELECT {_COLUMNS} FROM jobs WHERE {condition}", values)  # noqa: S608
            return [_read(row) for row in rows]


def _read(row: Sequence[Any]) -> Entry:
    identity, owner, status, task, progress, *others = row
    return Entry(
        identity,
        owner,
        Status(status),
        Task.model_validate_json(task),
        JobProgress.model_validate_json(progress),
        *others,
    )
