"""An older database brought to this program's version by alembic, after a copy of it was put beside it."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from importlib.resources import files
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from roar_core.errors import StoreError
from roar_core.store.transactions import write_transaction
from roar_core.store.version import SCHEMA_VERSION, read_version


def upgrade_database(
    connection: sqlite3.Connection,
    database: Path,
    busy_seconds: float,
    *,
    version: str = SCHEMA_VERSION,
    migrations: Path | None = None,
) -> None:
    """Upgrades in one transaction; killed half-way, the database is what it was. Of several processes, one does."""
    # Tables may have to be rebuilt; references are checked before the commit.
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        with write_transaction(connection, busy_seconds=busy_seconds, durable=True):
            old = read_version(connection)
            if old == version:
                return
            back_up(
                database, Path(f"{database}.backup-{old}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")
            )
            run_migrations(connection, version, migrations)
            if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise StoreError(
                    f"database can't be upgraded, rows refer to missing ones: `{database}`", "roar doctor"
                )
    finally:
        connection.execute("PRAGMA foreign_keys = ON")


def back_up(database: Path, target: Path) -> None:
    """Copies the database to `target`, mode 0600, while the caller keeps others from writing."""
    target.touch(mode=0o600)
    # A connection of its own: one that holds the write lock can't be copied from (sqlite3_backup_step()).
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def run_migrations(connection: sqlite3.Connection, version: str, migrations: Path | None = None) -> None:
    """Runs alembic inside the open transaction, and leaves the commit to the caller."""
    config = Config()
    config.set_main_option(
        "script_location", str(migrations or files("roar_core.store").joinpath("migrations"))
    )
    engine = create_engine("sqlite://", creator=lambda: _Lent(connection), poolclass=StaticPool)
    with engine.connect() as alembic_connection:
        config.attributes["connection"] = alembic_connection
        command.upgrade(config, version)


class _Lent:
    """A DBAPI connection whose transaction is not SQLAlchemy's to end."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)

    def commit(self) -> None:
        """Does nothing: the caller commits."""

    def rollback(self) -> None:
        """Does nothing: the caller rolls back."""

    def close(self) -> None:
        """Does nothing: the caller goes on using the connection."""
