"""Connections to the database: SQLite in a file, or PostgreSQL."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from service.annotations.errors import StoreError

#: Seconds that a writer waits for another process.
_WAIT = 10
_POSTGRES: dict[str, Any] = {
    "connect_timeout": 5,
    "options": f"-c statement_timeout=15000 -c lock_timeout={_WAIT * 1000} -c timezone=UTC",
}
#: Any number that nobody else is likely to lock.
_LOCK = 0x6672616D65
_SQLITE_PASSING = ("locked", "busy")
_READ_ONLY = ("readonly", "read-only", "25006")


class Database:
    """An engine whose transactions say whether they write; one writer at a time, whatever the number of processes.

    Args:
        url: ``sqlite:///FILE`` or ``postgresql://…``.

    Raises:
        StoreError: there is no driver for it, or the folder of the file cannot be made.
    """

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
            if parsed.drivername == "postgresql":
                parsed = parsed.set(drivername="postgresql+psycopg")
            self._writer = Lock()  # SQLite lets those who wait try their luck, and some never have any
            self.is_sqlite = parsed.get_backend_name() == "sqlite"
            if self.is_sqlite and parsed.database and "uri" not in parsed.query:
                _make_private(Path(parsed.database))
            arguments = {"timeout": _WAIT} if self.is_sqlite else _POSTGRES
            self.engine = create_engine(
                parsed, connect_args=arguments, pool_pre_ping=not self.is_sqlite, hide_parameters=True
            )
        except ModuleNotFoundError as error:
            raise StoreError(f"the package {error.name!r} is missing: install the 'postgres' extra") from None
        except OSError as error:
            raise StoreError(f"the file of annotations cannot be made: {error.strerror}") from None
        except (ValueError, SQLAlchemyError):
            raise StoreError("FRAMELINE_DATABASE is no URL of a database that can be used") from None
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare)
            event.listen(self.engine, "begin", _begin)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database.

        Raises:
            StoreError: the database cannot be used.
        """
        with explaining(), self._connect("REPEATABLE READ") as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is the only one which writes; it is rolled back if anything is raised.

        Raises:
            StoreError: the database cannot be used.
        """
        with (
            self._writer,
            explaining(),
            self._connect("READ COMMITTED", writes=True) as connection,
            connection.begin(),
        ):
            if not self.is_sqlite:  # in SQLite it began with a lock
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def _connect(self, isolation: str, **options: bool) -> Connection:
        engine: Engine = self.engine
        if not self.is_sqlite:
            options["isolation_level"] = isolation  # type: ignore[assignment]
        return engine.connect().execution_options(**options)


@contextmanager
def explaining() -> Iterator[None]:
    """Turn what a driver raises into a reason that may be shown."""
    try:
        yield
    except (IntegrityError, DataError):
        raise  # a fault in the code, not in the database
    except DBAPIError as error:
        raise _reason(error) from error


def _reason(error: DBAPIError) -> StoreError:
    said = f"{error.orig} {getattr(error.orig, 'sqlstate', '')}".lower()
    if any(word in said for word in _READ_ONLY):
        return StoreError("the database of annotations is read-only")
    if any(word in said for word in (*_SQLITE_PASSING, "lock timeout", "55p03")):
        return StoreError("the database of annotations is locked by another process", passing=True)
    if "42501" in said:
        return StoreError("the database of annotations does not permit this user to do that")
    if "full" in said or "no space" in said:
        return StoreError("the disk of the database of annotations is full")
    if "malformed" in said or "not a database" in said:
        return StoreError("the database of annotations is damaged")
    if error.connection_invalidated or "unable to open" in said or "connect" in said:
        return StoreError("the database of annotations cannot be opened", passing=True)
    return StoreError(f"the database of annotations failed ({type(error.orig).__name__})")


def _make_private(file: Path) -> None:
    """Make the file, for its owner's eyes only, unless it is there."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists():
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where `_begin` says, not where the driver guesses
    connection.create_function("lower", 1, lambda value: value and value.lower(), deterministic=True)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=FULL")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
