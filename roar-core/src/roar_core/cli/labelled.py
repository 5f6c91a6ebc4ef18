"""What a user means by the target of a label: `@2`, a uid, a digest, a path, `session`, `session:UID`."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from roar_core.cli.references import FoundPath, find_reference
from roar_core.errors import AmbiguousReference, NotFound
from roar_core.store.jobs import JobRow
from roar_core.store.labels import Labelled
from roar_core.store.sessions import find_active_session, find_sessions

if TYPE_CHECKING:
    from roar_core.project import Project

SESSION = "session"


def find_labelled(connection: sqlite3.Connection, project: Project, cwd: str, target: str) -> Labelled:
    """Returns what labels of `target` are on. Raises NotFound, AmbiguousReference, UsageError."""
    if target == SESSION:
        session = find_active_session(connection)
        if session is None:
            raise NotFound("there is no session yet: `session`", "roar run COMMAND")
        return Labelled("session", session.id)
    if target.startswith(SESSION + ":"):
        return _session(connection, target)
    found = find_reference(connection, project, cwd, target)
    if isinstance(found, JobRow):
        return Labelled("job", found.id)
    artifact = found.artifact if isinstance(found, FoundPath) else found
    if artifact is None:
        raise NotFound(f"content of this file is not known: `{target}`", "roar log")
    return Labelled("artifact", artifact.id)


def _session(connection: sqlite3.Connection, target: str) -> Labelled:
    prefix = target.partition(":")[2]
    found = find_sessions(connection, prefix) if prefix else ()
    if not found:
        raise NotFound(f"no session with this uid: `{target}`", "roar log --all --json")
    if len(found) > 1:
        raise AmbiguousReference(f"several sessions begin so: `{target}`", "give more of its characters")
    return Labelled("session", found[0].id)
