"""Bringing a database to the form that this version of the code reads."""

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection

from service.annotations.database import Database
from service.annotations.errors import StoreError

_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(database: Database) -> None:
    """Make the tables, or change them, where they are not yet as they should be; safe for several processes at once.

    Raises:
        StoreError: the database cannot be used, or a newer version of the code has changed it.
    """
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    head = ScriptDirectory.from_config(config).get_current_head()
    with database.reading() as connection:
        if _revision(connection) == head:
            return
    if database.is_sqlite:
        _write_ahead(database)
    with database.writing() as connection:
        if _revision(connection) == head:  # another process was faster
            return
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError:
            raise StoreError(
                "the database of annotations was changed by a newer version of Frameline; use that version"
            ) from None


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _write_ahead(database: Database) -> None:
    """Switch to write-ahead logging, in which readers do not wait for a writer; the file keeps the mode."""
    connection = database.engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError:
        pass  # another process is doing it, or nobody may: writing then says so
    finally:
        connection.close()
