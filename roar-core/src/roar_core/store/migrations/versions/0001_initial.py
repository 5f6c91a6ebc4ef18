"""The first schema. A migration is never edited after it was published: the next change is the next file."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None

_STATEMENTS = (
    """
    CREATE TABLE session (
        id INTEGER PRIMARY KEY,
        uid TEXT NOT NULL UNIQUE,
        started_ns INTEGER NOT NULL,
        ended_ns INTEGER
    )
    """,
    """
    CREATE TABLE document (
        id INTEGER PRIMARY KEY,
        digest BLOB NOT NULL UNIQUE,
        body TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE job (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        uid TEXT NOT NULL UNIQUE,
        session_id INTEGER NOT NULL REFERENCES session (id),
        parent_uid TEXT,
        node TEXT NOT NULL DEFAULT '',
        kind TEXT NOT NULL,
        step INTEGER,
        name TEXT,
        program TEXT NOT NULL,
        argv TEXT NOT NULL,
        cwd TEXT NOT NULL,
        started_ns INTEGER NOT NULL,
        ended_ns INTEGER NOT NULL,
        status TEXT NOT NULL,
        exit_code INTEGER,
        signal INTEGER,
        tracer TEXT NOT NULL,
        level TEXT NOT NULL,
        lost_events INTEGER NOT NULL DEFAULT 0,
        peak_memory_bytes INTEGER,
        cpu_seconds REAL,
        git_id INTEGER REFERENCES document (id),
        environment_id INTEGER REFERENCES document (id),
        hardware_id INTEGER REFERENCES document (id),
        packages_id INTEGER REFERENCES document (id),
        visible INTEGER NOT NULL DEFAULT 0
    )
    """,
    """
    CREATE INDEX job_by_step ON job (session_id, kind, step)
    """,
    """
    CREATE INDEX job_by_time ON job (started_ns)
    """,
    """
    CREATE INDEX job_by_parent ON job (parent_uid) WHERE parent_uid IS NOT NULL
    """,
    """
    CREATE INDEX job_unfinished ON job (id) WHERE visible = 0
    """,
    """
    CREATE TABLE process (
        job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
        id INTEGER NOT NULL,
        parent_id INTEGER,
        pid INTEGER NOT NULL,
        exe TEXT NOT NULL,
        argv TEXT NOT NULL,
        cwd TEXT NOT NULL,
        started_ns INTEGER NOT NULL,
        ended_ns INTEGER,
        exit_code INTEGER,
        signal INTEGER,
        PRIMARY KEY (job_id, id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE gap (
        job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        process_id INTEGER,
        detail TEXT NOT NULL
    )
    """,
    """
    CREATE INDEX gap_by_job ON gap (job_id)
    """,
    """
    CREATE TABLE dropped (
        job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
        reason TEXT NOT NULL,
        count INTEGER NOT NULL,
        examples TEXT NOT NULL,
        PRIMARY KEY (job_id, reason)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE path (
        id INTEGER PRIMARY KEY,
        text UNIQUE NOT NULL
    )
    """,
    """
    CREATE TABLE artifact (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL DEFAULT 'file',
        size INTEGER
    )
    """,
    """
    CREATE TABLE digest (
        algorithm TEXT NOT NULL,
        value BLOB NOT NULL,
        artifact_id INTEGER NOT NULL REFERENCES artifact (id) DEFERRABLE INITIALLY DEFERRED,
        PRIMARY KEY (algorithm, value)
    ) WITHOUT ROWID
    """,
    """
    CREATE INDEX digest_by_artifact ON digest (artifact_id)
    """,
    """
    CREATE TABLE job_input (
        job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
        path_id INTEGER NOT NULL REFERENCES path (id),
        artifact_id INTEGER REFERENCES artifact (id),
        reason TEXT,
        role TEXT NOT NULL,
        tracked_by_git INTEGER NOT NULL DEFAULT 0,
        first_read_ns INTEGER NOT NULL,
        origin TEXT,
        producer_id INTEGER REFERENCES job (id) ON DELETE SET NULL,
        previous_artifact_id INTEGER REFERENCES artifact (id),
        PRIMARY KEY (job_id, path_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE INDEX job_input_by_path ON job_input (path_id, first_read_ns)
    """,
    """
    CREATE INDEX job_input_by_artifact ON job_input (artifact_id)
    """,
    """
    CREATE INDEX job_input_by_producer ON job_input (producer_id) WHERE producer_id IS NOT NULL
    """,
    """
    CREATE INDEX job_input_by_previous ON job_input (previous_artifact_id) WHERE previous_artifact_id IS NOT NULL
    """,
    """
    CREATE TABLE job_output (
        job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
        path_id INTEGER NOT NULL REFERENCES path (id),
        artifact_id INTEGER REFERENCES artifact (id),
        reason TEXT,
        written_ns INTEGER NOT NULL,
        write_kind TEXT NOT NULL,
        created INTEGER,
        fate TEXT NOT NULL DEFAULT 'present',
        shared INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (job_id, path_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE INDEX job_output_by_path ON job_output (path_id, written_ns)
    """,
    """
    CREATE INDEX job_output_by_artifact ON job_output (artifact_id)
    """,
    """
    CREATE TABLE pending_digest (
        job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
        path_id INTEGER NOT NULL REFERENCES path (id),
        direction TEXT NOT NULL,
        device INTEGER NOT NULL,
        inode INTEGER NOT NULL,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        ctime_ns INTEGER NOT NULL,
        PRIMARY KEY (job_id, path_id, direction)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE digest_cache (
        filesystem TEXT NOT NULL,
        inode INTEGER NOT NULL,
        algorithm TEXT NOT NULL,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        ctime_ns INTEGER NOT NULL,
        value BLOB NOT NULL,
        PRIMARY KEY (filesystem, inode, algorithm)
    ) WITHOUT ROWID
    """,
)


def upgrade() -> None:
    """Makes every table and index."""
    for statement in _STATEMENTS:
        op.execute(statement)
