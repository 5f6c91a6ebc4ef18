"""Who read a path as a chain, instead of two indexes of which every job changed a page for each file."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"

_STATEMENTS = (
    """
    ALTER TABLE job ADD COLUMN fold_from INTEGER
    """,
    """
    ALTER TABLE job_input ADD COLUMN previous_reader_id INTEGER
    """,
    """
    CREATE TABLE path_read (
        path_id INTEGER PRIMARY KEY,
        last_reader_id INTEGER,
        oldest_read_ns INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE content_read (
        artifact_id INTEGER NOT NULL,
        path_id INTEGER NOT NULL,
        PRIMARY KEY (artifact_id, path_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE changed_path (
        path_id INTEGER PRIMARY KEY
    )
    """,
    """
    CREATE TEMP TABLE link (job_id INTEGER, path_id INTEGER, previous INTEGER, PRIMARY KEY (job_id, path_id))
        WITHOUT ROWID
    """,
    """
    INSERT INTO link SELECT job_id, path_id, previous FROM
        (SELECT job_id, path_id, lag(job_id) OVER (PARTITION BY path_id ORDER BY job_id) AS previous FROM job_input)
        WHERE previous IS NOT NULL ORDER BY job_id, path_id
    """,
    """
    UPDATE job_input SET previous_reader_id =
        (SELECT previous FROM link WHERE link.job_id = job_input.job_id AND link.path_id = job_input.path_id)
    """,
    """
    DROP TABLE link
    """,
    """
    INSERT INTO path_read SELECT path_id, max(job_id), min(first_read_ns) FROM job_input GROUP BY path_id
    """,
    """
    INSERT INTO content_read SELECT DISTINCT artifact_id, path_id FROM job_input WHERE artifact_id IS NOT NULL
        ORDER BY artifact_id, path_id
    """,
    """
    INSERT INTO changed_path SELECT path_id FROM job_output GROUP BY path_id HAVING count(*) > 1
        OR max(written_ns) > (SELECT oldest_read_ns FROM path_read WHERE path_read.path_id = job_output.path_id)
    """,
    """
    DROP INDEX job_input_by_path
    """,
    """
    DROP INDEX job_input_by_artifact
    """,
)


def upgrade() -> None:
    """Adds the chain and what goes with it, and drops the indexes."""
    for statement in _STATEMENTS:
        op.execute(statement)
