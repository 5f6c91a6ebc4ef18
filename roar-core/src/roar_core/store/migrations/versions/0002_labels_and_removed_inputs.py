"""Labels, and whether a job removed what it had read."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

_STATEMENTS = (
    """
    ALTER TABLE job_input ADD COLUMN removed INTEGER NOT NULL DEFAULT 0
    """,
    """
    CREATE TABLE label (
        id INTEGER PRIMARY KEY,
        job_id INTEGER REFERENCES job (id) ON DELETE CASCADE,
        artifact_id INTEGER REFERENCES artifact (id),
        session_id INTEGER REFERENCES session (id),
        key TEXT NOT NULL,
        value TEXT,
        set_ns INTEGER NOT NULL,
        CHECK ((job_id IS NOT NULL) + (artifact_id IS NOT NULL) + (session_id IS NOT NULL) = 1)
    )
    """,
    """
    CREATE INDEX label_by_job ON label (job_id, key) WHERE job_id IS NOT NULL
    """,
    """
    CREATE INDEX label_by_artifact ON label (artifact_id, key) WHERE artifact_id IS NOT NULL
    """,
    """
    CREATE INDEX label_by_session ON label (session_id, key) WHERE session_id IS NOT NULL
    """,
)


def upgrade() -> None:
    """Adds the column, the table and its indexes."""
    for statement in _STATEMENTS:
        op.execute(statement)
