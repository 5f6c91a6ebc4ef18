"""Write transactions that wait their turn fairly."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

POLL_SECONDS = 0.002
_LONGEST_POLL_SECONDS = 0.008
_LONGEST_WAIT = 15  # times the busy time, with others committing all the while
# Who writes comes back to the pages of the indexes; who reads goes through the file once, and new memory costs more.
_CACHE_KIB = 65536


@contextmanager
def write_transaction(
    connection: sqlite3.Connection, *, busy_seconds: float = 2.0, durable: bool = False
) -> Iterator[None]:
    """Holds the database's write lock: commits at the end, rolls back when left by an exception.

    `durable`: what is committed has reached the disk, this transaction and all before it; else only a power loss, not a
    kill, can undo it.

    Raises `sqlite3.OperationalError` ("database is locked") when another holds the lock for `busy_seconds`.
    """
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
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
    for some milliseconds between them, it would starve. Where many wait, it is no sign of trouble that a turn does not
    come for a while, so the time is counted anew whenever somebody has committed.
    """
    now = time.monotonic()
    deadline, last_deadline = now + busy_seconds, now + _LONGEST_WAIT * busy_seconds
    seen = None
    pause = POLL_SECONDS
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                now = time.monotonic()
                version = _data_version(connection)
                if version is not None and version != seen:
                    seen, deadline = version, min(now + busy_seconds, last_deadline)
                if "locked" not in str(error) or now > deadline:
                    raise
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_POLL_SECONDS)
    finally:
        connection.execute(f"PRAGMA busy_timeout = {round(busy_seconds * 1000)}")


def _data_version(connection: sqlite3.Connection) -> int | None:
    """Returns a number that changes when another connection commits; None where even that can't be read now."""
    try:
        (version,) = connection.execute("PRAGMA data_version").fetchone()
    except sqlite3.OperationalError:
        return None
    return int(version)
