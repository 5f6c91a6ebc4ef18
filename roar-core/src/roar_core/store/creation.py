"""A new database, made from `schema.sql` in one transaction."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from roar_core.store.transactions import write_transaction
from roar_core.store.version import APPLICATION_ID, SCHEMA_VERSION, read_version


def create_file(database: Path) -> None:
    """Makes an empty file that only its owner may read; SQLite gives its WAL the same mode.

    A file that exists is left alone: opening and closing it here would drop the locks of this process's connections.
    """
    with suppress(FileExistsError):
        os.close(os.open(database, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def create_schema(connection: sqlite3.Connection, busy_seconds: float) -> None:
    """Fills an empty database. Of several processes at once, one does; killed half-way, the file is empty again."""
    with write_transaction(connection, busy_seconds=busy_seconds, durable=True):
        if read_version(connection) is not None:
            return
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        for statement in schema_statements():
            connection.execute(statement)
        connection.execute("INSERT INTO alembic_version (version_num) VALUES (?)", (SCHEMA_VERSION,))


def schema_statements() -> Iterator[str]:
    """Yields the statements of `schema.sql`."""
    statement = ""
    # Not through importlib.resources, which imports half of the standard library.
    for line in Path(__file__).with_name("schema.sql").read_text("utf-8").splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""
