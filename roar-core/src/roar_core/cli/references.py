"""What a user means by `@2`, `@B1`, a job's uid, a digest or a path."""

from __future__ import annotations

import os
import re
import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from roar_core.errors import NotFound

if TYPE_CHECKING:
    from roar_core.project import Project
    from roar_core.store.artifacts import ArtifactRow
    from roar_core.store.jobs import JobRow
    from roar_core.store.paths import PathEvent

_STEP = re.compile(r"@(?P<build>[Bb]?)(?P<number>\d+)(?:[·.](?P<run>\d+))?")
_HEXADECIMAL = re.compile(r"[0-9a-f]{4,}")
_DIGEST = re.compile(r"(?:[a-z0-9_-]+:)?[0-9a-f]{8,}", re.IGNORECASE)


class FoundPath(NamedTuple):
    """A path that jobs met: as recorded, with what happened there, newest first, and the content it had last."""

    path: str
    events: tuple[PathEvent, ...]
    artifact: ArtifactRow | None


def find_reference(
    connection: sqlite3.Connection, project: Project, cwd: str, reference: str
) -> JobRow | ArtifactRow | FoundPath:
    """Returns what `reference` names: a step (its newest run), a job first, then a content, then a path.

    Raises `NotFound`, `AmbiguousReference`, `UsageError`.
    """
    if reference.startswith("@"):
        return find_step(connection, reference)
    if _HEXADECIMAL.fullmatch(reference) and len(reference) <= 8:
        from roar_core.store.jobs import find_job

        try:
            return find_job(connection, reference)
        except NotFound:
            pass  # then it is a digest, or a file with such a name
    path = find_path(connection, project, cwd, reference)
    if path is not None:
        return path
    if _DIGEST.fullmatch(reference):
        from roar_core.store.artifacts import find_artifact

        try:
            return find_artifact(connection, reference)
        except NotFound:
            if len(reference) > 8:
                raise
    raise NotFound(f"no job, content or file with this name is recorded: `{reference}`", "roar log")


def find_step(connection: sqlite3.Connection, reference: str) -> JobRow:
    """Returns the newest successful run of the step `@N` or `@BN`, else its newest; or its run `@N·M`."""
    from roar_core.store.jobs import list_step
    from roar_core.store.sessions import find_active_session

    match = _STEP.fullmatch(reference)
    session = find_active_session(connection)
    if match is None:
        raise NotFound(f"no step is called so: `{reference}`", "roar show @1")
    kind = "build" if match["build"] else "run"
    # a number with more digits than any step has
    number = int(match["number"]) if len(match["number"]) < 10 else -1
    runs = list_step(connection, session.id, kind, number) if session else ()
    if not runs:
        raise NotFound(f"no such step in this session: `{reference}`", "roar log")
    if match["run"]:
        index = len(runs) - int(match["run"])
        if not 0 <= index < len(runs):
            raise NotFound(f"step has {len(runs)} run{'s' * (len(runs) > 1)}: `{reference}`", "roar log")
        return runs[index]
    return next((run for run in runs if run.status == "ok"), runs[0])


def find_path(connection: sqlite3.Connection, project: Project, cwd: str, path: str) -> FoundPath | None:
    """Returns what is recorded of a path as typed in `cwd`; None where no job met it."""
    from roar_core.store.artifacts import get_artifact
    from roar_core.store.composites import list_composite_events
    from roar_core.store.paths import list_path_events

    typed = os.path.normpath(os.path.join(cwd, path))
    for spelling in dict.fromkeys((typed, os.path.realpath(typed))):
        recorded = project.relative(spelling)
        events = list_path_events(connection, recorded) or list_composite_events(connection, recorded)
        if events:
            last = events[0].artifact_id
            return FoundPath(recorded, events, get_artifact(connection, last) if last is not None else None)
    return None
