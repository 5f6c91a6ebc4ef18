"""Up to which job a path has changed, and which inputs are unknown: who looks at new jobs meets no others."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"

_STATEMENTS = (
    """
    DROP TABLE changed_path
    """,
    """
    CREATE TABLE changed_path (
        path_id INTEGER PRIMARY KEY,
        overtaken_job_id INTEGER NOT NULL
    )
    """,
    """
    INSERT INTO changed_path SELECT path_id, max(job_id) FROM (
        SELECT path_id, (
            SELECT job_id FROM job_output AS own WHERE own.path_id = job_output.path_id
            ORDER BY job_id DESC LIMIT 1 OFFSET 1
        ) AS job_id FROM job_output GROUP BY path_id HAVING count(*) > 1
        UNION ALL
        SELECT path_id, job_id FROM job_input WHERE first_read_ns <
            (SELECT max(written_ns) FROM job_output WHERE job_output.path_id = job_input.path_id)
    ) GROUP BY path_id
    """,
    """
    CREATE INDEX job_input_unknown ON job_input (job_id) WHERE artifact_id IS NULL OR origin = 'unknown'
    """,
)


def upgrade() -> None:
    """Makes the table anew, and an index."""
    for statement in _STATEMENTS:
        op.execute(statement)
