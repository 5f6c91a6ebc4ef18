"""An open database of a project: created, upgraded or refused as its version says.

What survives: a committed transaction survives the death of roar at any moment (kill -9), since the kernel holds what
was written. A power loss leaves the database sound, and takes back at most transactions that were not `durable`
(https://www.sqlite.org/pragma.html#pragma_synchronous); the one that makes a job visible is durable.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from roar_core.errors import StoreReadOnly, StoreTooNew
from roar_core.store import failures
from roar_core.store.creation import create_file, create_schema
from roar_core.store.filesystem import is_network
from roar_core.store.transactions import POLL_SECONDS
from roar_core.store.version import SCHEMA_VERSION, read_version

if TYPE_CHECKING:
    from roar_core.project import Project

BUSY_SECONDS = 2.0
_CHECKPOINT_PAGES = 32768  # 128 MB: fewer, larger checkpoints while a million files go in


def open_database(
    project: Project, *, busy_seconds: float = BUSY_SECONDS, create: bool = True
) -> sqlite3.Connection:
    """Returns a connection in autocommit mode; one that can only read where the file system allows no more.

    Raises `StoreBusy`, `StoreFull`, `StoreReadOnly`, `StoreDamaged`, `StoreTooNew`.
    """
    database = project.database
    with failures.translated(database):
        if not _is_writable(database):
            return _open_read_only(database, busy_seconds)
        if create:
            try:
                create_file(database)
            except OSError as error:
                raise failures.translate_os_error(error, database) from error
        connection = _connect(database, "mode=rw", busy_seconds)
        try:
            _prepare(connection, database, busy_seconds)
        except BaseException:
            connection.close()
            raise
        return connection


def _connect(database: Path, parameters: str, busy_seconds: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{database.as_uri()}?{parameters}",
        uri=True,
        timeout=busy_seconds,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
    except BaseException:  # a damaged header is met here already
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, database: Path, busy_seconds: float) -> None:
    network = is_network(database.parent)
    if network:
        _leave_wal(connection)
    version = read_version(connection)
    if version is None:
        create_schema(connection, busy_seconds)
    elif version != SCHEMA_VERSION:
        _upgrade(connection, database, version, busy_seconds)
    if not network:
        _use_wal(connection, busy_seconds)


def _upgrade(connection: sqlite3.Connection, database: Path, version: str, busy_seconds: float) -> None:
    _refuse_newer(version, database)
    from roar_core.store.upgrade import upgrade_database  # imports SQLAlchemy and alembic

    upgrade_database(connection, database, busy_seconds)


def _refuse_newer(version: str, database: Path) -> None:
    if int(version) > int(SCHEMA_VERSION):
        raise StoreTooNew(
            f"database was written by a newer roar (schema {version}, this one knows {SCHEMA_VERSION}): `{database}`",
            "pip install --upgrade roar-core",
        )


def _use_wal(connection: sqlite3.Connection, busy_seconds: float) -> None:
    """Puts the database into WAL mode, for good. Where others never let go, the rollback journal does as well."""
    deadline = time.monotonic() + busy_seconds
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        with suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode = WAL")
            continue
        if time.monotonic() > deadline:
            return
        time.sleep(POLL_SECONDS)
    connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    connection.execute(f"PRAGMA journal_size_limit = {_CHECKPOINT_PAGES * 4096}")


def _leave_wal(connection: sqlite3.Connection) -> None:
    """Puts the database into rollback mode without ever using shared memory, which other hosts do not see."""
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
        connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA locking_mode = NORMAL")
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # lets the exclusive lock go


def _is_writable(database: Path) -> bool:
    return os.access(database.parent, os.W_OK) and (
        os.access(database, os.W_OK) or not os.path.lexists(database)
    )


def _open_read_only(database: Path, busy_seconds: float) -> sqlite3.Connection:
    if not database.exists():
        raise failures.read_only(database.parent)
    connection = _connect_read_only(database, busy_seconds)
    version = read_version(connection)
    if version != SCHEMA_VERSION:
        connection.close()
        if version is None:
            raise failures.read_only(database)
        _refuse_newer(version, database)
        raise StoreReadOnly(
            f"database is of an older version ({version}) and can't be upgraded here: `{database}`",
            "make its folder writable, then: roar status",
        )
    return connection


def _connect_read_only(database: Path, busy_seconds: float) -> sqlite3.Connection:
    """Returns a connection to a database whose folder can't be written (https://www.sqlite.org/wal.html#readonly)."""
    with suppress(sqlite3.OperationalError):
        return _tried(_connect(database, "mode=ro", busy_seconds))
    wal = Path(f"{database}-wal")
    if not wal.exists() or not wal.stat().st_size:
        return _tried(_connect(database, "mode=ro&immutable=1", busy_seconds))
    # What the WAL holds belongs to the database, so both are read from a copy.
    import shutil
    import tempfile

    with tempfile.TemporaryDirectory(prefix="roar-") as folder:
        copy = Path(folder, "roar.db")
        shutil.copyfile(database, copy)
        shutil.copyfile(wal, f"{copy}-wal")
        return _tried(_connect(copy, "mode=rw", busy_seconds))


def _tried(connection: sqlite3.Connection) -> sqlite3.Connection:
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection
