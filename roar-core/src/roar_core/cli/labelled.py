"""What a user means by the target of a label: `@2`, a uid, a digest, a path, `session`, `session:UID`."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from roar_core.cli.references import FoundPath, find_reference
from roar_core.cli.sessions import find_session, names_session
from roar_core.errors import NotFound
from roar_core.store.jobs import JobRow
from roar_core.store.labels import Labelled

if TYPE_CHECKING:
    from roar_core.project import Project


def find_labelled(connection: sqlite3.Connection, project: Project, cwd: str, target: str) -> Labelled:
    """Returns what labels of `target` are on. Raises NotFound, AmbiguousReference, UsageError."""
    if names_session(target):
        return Labelled("session", find_session(connection, target).id)
    found = find_reference(connection, project, cwd, target)
    if isinstance(found, JobRow):
        return Labelled("job", found.id)
    artifact = found.artifact if isinstance(found, FoundPath) else found
    if artifact is None:
        raise NotFound(f"content of this file is not known: `{target}`", "roar log")
    return Labelled("artifact", artifact.id)
