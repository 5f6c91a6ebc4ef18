"""Which version of the schema a database has."""

from __future__ import annotations

import sqlite3

SCHEMA_VERSION = "0005"
APPLICATION_ID = 0x524F4152
"""`ROAR` in ASCII, in the file's header (https://www.sqlite.org/pragma.html#pragma_application_id)."""


def read_version(connection: sqlite3.Connection) -> str | None:
    """Returns the version, a number of four digits; None for a database without anything in it.

    Raises `sqlite3.DatabaseError` ("malformed …") for a database that is not roar's.
    """
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return None
    row = None
    if "alembic_version" in tables:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if row is None or not str(row[0]).isdigit():
        raise sqlite3.DatabaseError("malformed: not a database of roar")
    return str(row[0])
