"""Composites: many files that are one artifact."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

_STATEMENTS = (
    """
    CREATE TABLE composite (
        artifact_id INTEGER PRIMARY KEY REFERENCES artifact (id),
        format TEXT NOT NULL,
        files INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE component (
        composite_id INTEGER NOT NULL REFERENCES artifact (id),
        path TEXT NOT NULL,
        artifact_id INTEGER NOT NULL REFERENCES artifact (id),
        PRIMARY KEY (composite_id, path)
    ) WITHOUT ROWID
    """,
    """
    CREATE INDEX component_by_artifact ON component (artifact_id)
    """,
    """
    CREATE TABLE job_composite (
        job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
        path_id INTEGER NOT NULL REFERENCES path (id),
        direction TEXT NOT NULL,
        composite_id INTEGER NOT NULL REFERENCES artifact (id),
        files INTEGER NOT NULL,
        PRIMARY KEY (job_id, path_id, direction)
    ) WITHOUT ROWID
    """,
    """
    CREATE INDEX job_composite_by_composite ON job_composite (composite_id)
    """,
    """
    CREATE INDEX job_composite_by_path ON job_composite (path_id)
    """,
)


def upgrade() -> None:
    """Adds the tables and their indexes."""
    for statement in _STATEMENTS:
        op.execute(statement)
