"""Whether the database is sound, and how large it is, for `roar doctor`."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import NamedTuple

_COUNTED = (
    "session",
    "job",
    "artifact",
    "path",
    "job_input",
    "job_output",
    "process",
    "pending_digest",
    "digest_cache",
)


class Health(NamedTuple):
    """What a look at the database found; `problems` is empty for a sound one."""

    problems: tuple[str, ...]
    version: str
    journal_mode: str
    database_bytes: int
    wal_bytes: int
    free_bytes: int
    rows: dict[str, int]
    unfinished_jobs: int


def check_health(connection: sqlite3.Connection, database: Path, *, thorough: bool = False) -> Health:
    """Returns the state of the database. `thorough` compares every index with its table: about a second per 100 MB."""
    (journal_mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    (pages,) = connection.execute("PRAGMA freelist_count").fetchone()
    (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
    (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    (unfinished,) = connection.execute("SELECT count(*) FROM job WHERE visible = 0").fetchone()
    return Health(
        find_problems(connection, thorough=thorough),
        version,
        journal_mode,
        _size(database),
        _size(Path(f"{database}-wal")),
        pages * page_bytes,
        {table: _count(connection, table) for table in _COUNTED},
        unfinished,
    )


def find_problems(connection: sqlite3.Connection, *, thorough: bool = False) -> tuple[str, ...]:
    """Returns what SQLite finds wrong, one line each; a hundred at most."""
    check = "integrity_check" if thorough else "quick_check"
    try:
        lines = [line for (line,) in connection.execute(f"PRAGMA {check}(100)")]
        lines += [
            f"row of {table} refers to a missing {parent}" for table, parent in _missing_parents(connection)
        ]
    except sqlite3.DatabaseError as error:
        return (str(error),)
    return tuple(line for line in lines if line != "ok")


def _missing_parents(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    rows = connection.execute('SELECT "table", parent FROM pragma_foreign_key_check LIMIT 100').fetchall()
    return [(table, parent) for table, parent in rows]


def _count(connection: sqlite3.Connection, table: str) -> int:
    (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(count)


def _size(path: Path) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
