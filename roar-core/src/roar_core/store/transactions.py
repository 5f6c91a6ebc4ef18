"""Write transactions that wait their turn fairly."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

POLL_SECONDS = 0.002


@contextmanager
def write_transaction(
    connection: sqlite3.Connection, *, busy_seconds: float = 2.0, durable: bool = False
) -> Iterator[None]:
    """Holds the database's write lock: commits at the end, rolls back when left by an exception.

    `durable`: what is committed has reached the disk, this transaction and all before it; else only a power loss, not a
    kill, can undo it. Raises `sqlite3.OperationalError` ("database is locked") when others hold the lock too long.
    """
    connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    _begin(connection, busy_seconds)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        raise


def _begin(connection: sqlite3.Connection, busy_seconds: float) -> None:
    """Takes the write lock, asking every few milliseconds.

    SQLite's own busy handler backs off to one try each 100 ms: beside a writer of many chunks, which leaves the lock
    for some milliseconds between them, it would starve.
    """
    deadline = time.monotonic() + busy_seconds
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
            time.sleep(POLL_SECONDS)
    finally:
        connection.execute(f"PRAGMA busy_timeout = {round(busy_seconds * 1000)}")
