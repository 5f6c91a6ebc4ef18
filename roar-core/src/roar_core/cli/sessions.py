"""What a user means by `session` (the active one) or `session:UID` (any, by the first characters of its uid)."""

from __future__ import annotations

import sqlite3

from roar_core.errors import AmbiguousReference, NotFound
from roar_core.store.sessions import SessionRow, find_active_session, find_sessions

_SESSION = "session"


def names_session(reference: str) -> bool:
    """Returns whether this is how a session is spelled."""
    return reference == _SESSION or reference.startswith(_SESSION + ":")


def find_session(connection: sqlite3.Connection, reference: str) -> SessionRow:
    """Returns the session that `reference` names. Raises NotFound, AmbiguousReference."""
    if reference == _SESSION:
        session = find_active_session(connection)
        if session is None:
            raise NotFound(f"there is no session yet: `{reference}`", "roar run COMMAND")
        return session
    prefix = reference.partition(":")[2].lower()
    found = find_sessions(connection, prefix) if prefix else ()
    if not found:
        raise NotFound(f"no session with this uid: `{reference}`", "roar log --all --json")
    if len(found) > 1:
        raise AmbiguousReference(f"several sessions begin so: `{reference}`", "give more of its characters")
    return found[0]
