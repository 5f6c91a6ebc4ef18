"""Sessions: what has been recorded since the last reset."""

from __future__ import annotations

import os
import sqlite3
from typing import NamedTuple


class SessionRow(NamedTuple):
    """One session; the active one has no end."""

    id: int
    uid: str
    started_ns: int
    ended_ns: int | None


def find_active_session(connection: sqlite3.Connection) -> SessionRow | None:
    """Returns the active session; None where nothing was ever recorded."""
    row = connection.execute(
        "SELECT id, uid, started_ns, ended_ns FROM session WHERE ended_ns IS NULL ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return None if row is None else SessionRow(*row)


def ensure_active_session(connection: sqlite3.Connection, started_ns: int) -> SessionRow:
    """Returns the active session, made now if there is none, inside the caller's transaction."""
    session = find_active_session(connection)
    if session is not None:
        return session
    return begin_session(connection, started_ns)


def begin_session(connection: sqlite3.Connection, started_ns: int) -> SessionRow:
    """Ends the active session, if there is one, and returns the new one, inside the caller's transaction."""
    connection.execute("UPDATE session SET ended_ns = ? WHERE ended_ns IS NULL", (started_ns,))
    uid = os.urandom(16).hex()
    inserted = connection.execute(
        "INSERT INTO session (uid, started_ns) VALUES (?, ?)", (uid, started_ns)
    ).lastrowid
    assert inserted is not None  # an INSERT always sets it
    return SessionRow(inserted, uid, started_ns, None)


def session_uids(connection: sqlite3.Connection) -> dict[int, str]:
    """Returns the uids of all sessions by id."""
    return dict(connection.execute("SELECT id, uid FROM session"))


def find_sessions(connection: sqlite3.Connection, prefix: str) -> tuple[SessionRow, ...]:
    """Returns up to two sessions whose uid begins so."""
    rows = connection.execute(
        "SELECT id, uid, started_ns, ended_ns FROM session WHERE uid >= ? AND uid < ? ORDER BY id LIMIT 2",
        (prefix, prefix + "\U0010ffff"),
    )
    return tuple(SessionRow(*row) for row in rows)
