"""What happened at a path: who left what there, and who read what."""

from __future__ import annotations

import sqlite3
from typing import Literal, NamedTuple

from roar_core.store.readers import inputs_at
from roar_core.store.text import encode_text


class PathEvent(NamedTuple):
    """One job's read or write of a path. `artifact_id` is None where the content is not known."""

    at_ns: int
    job_uid: str
    did: Literal["read", "wrote"]
    artifact_id: int | None


def list_path_events(connection: sqlite3.Connection, path: str, limit: int = 100) -> tuple[PathEvent, ...]:
    """Returns the newest events at a recorded path, newest first; none where no job ever met it."""
    rows = connection.execute(
        "SELECT at_ns, uid, did, artifact_id FROM ("
        " SELECT written_ns AS at_ns, job_id, 'wrote' AS did, artifact_id FROM job_output"
        " WHERE fate = 'present' AND path_id = (SELECT id FROM path WHERE text = :path)"
        " UNION ALL SELECT first_read_ns, job_id, 'read', artifact_id FROM"
        f" {inputs_at('path_id = (SELECT id FROM path WHERE text = :path)')})"
        " JOIN job ON job.id = job_id WHERE visible = 1 ORDER BY at_ns DESC, did DESC LIMIT :limit",
        {"path": encode_text(path), "limit": limit},
    )
    return tuple(PathEvent(*row) for row in rows)
