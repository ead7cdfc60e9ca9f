"""Removing for good what must not be kept, the one exception to rows that are only ever added."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, exists, func, select

from service.annotations.database import Database
from service.annotations.query import Query
from service.annotations.tables import ActorRow, Base, FrameRow, RequestRow, RequestVersionRow, VersionRow


class Matter(NamedTuple):
    """How much there is to remove: versions, of so many sentences."""

    versions: int
    sentences: int


def find_matter(connection: Connection, query: Query) -> Matter:
    """What ``forget`` would remove."""
    counts = select(func.count(VersionRow.id), func.count(VersionRow.sentence.distinct()))
    versions, sentences = connection.execute(counts.where(*_of(query))).one()
    return Matter(versions, sentences)


def forget(connection: Connection, query: Query, *, is_sqlite: bool) -> None:
    """Remove every version, also those withdrawn or replaced, of the query's document, annotator, or both together.

    A request that was answered with one of them is forgotten, too: sent again, it would be a new one.

    Args:
        connection: in a transaction that writes.
        query: whose ``document`` and ``annotator`` count.
        is_sqlite: whether the database is SQLite; it then overwrites what is removed.
    """
    versions = select(VersionRow.id).where(*_of(query))
    answered = select(RequestVersionRow.request).where(RequestVersionRow.version.in_(versions))
    without_versions = ~exists().where(RequestVersionRow.request == RequestRow.id)
    with _unlocked(connection, is_sqlite):
        connection.execute(delete(RequestVersionRow).where(RequestVersionRow.request.in_(answered)))
        connection.execute(delete(RequestRow).where(without_versions))
        connection.execute(delete(FrameRow).where(FrameRow.version.in_(versions)))
        connection.execute(delete(ActorRow).where(ActorRow.version.in_(versions)))
        connection.execute(delete(VersionRow).where(VersionRow.id.in_(versions)))


def empty_log(database: Database) -> bool:
    """Write SQLite's log into its file and empty it, since it holds copies; whether nobody else kept it from that."""
    connection = database.engine.raw_connection()
    try:
        busy, *_ = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.close()
    return not busy


def _of(query: Query) -> list[ColumnElement[bool]]:
    wanted = ((VersionRow.document, query.document), (VersionRow.annotator, query.annotator))
    return [column == name for column, name in wanted if name is not None]


@contextmanager
def _unlocked(connection: Connection, is_sqlite: bool) -> Iterator[None]:
    """Without the triggers that refuse changes, for this transaction alone."""
    tables = list(Base.metadata.tables)
    if not is_sqlite:
        for table in tables:
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in tables:
            connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        return
    connection.exec_driver_sql("PRAGMA secure_delete=ON")
    triggers = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    for name, _ in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _, statement in triggers:
        connection.exec_driver_sql(statement)
