"""Who made each input, settled by statements over whole jobs: a million inputs take seconds.

A version is a row of job_output that was left present by a job which can be seen; the job that is being recorded counts
as seen. `written_ns < first_read_ns` orders versions and reads; what a job wrote is never the source of what it read.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

from roar_core.store.readers import inputs_at

COPY_SIZE_BYTES = 64  # shorter contents are alike by chance
GRACE_NS = 5_000_000_000  # descendants may read and write for a moment after a job's command has ended

_SEEN = "NOT IN (SELECT id FROM job WHERE visible = 0 AND id != :recording)"

# the latest version of the input's path before it was read
_LATEST = f"""
    (SELECT {{column}} FROM job_output AS version
     WHERE version.path_id = job_input.path_id AND version.written_ns < job_input.first_read_ns
       AND version.job_id != job_input.job_id AND version.fate = 'present' AND version.job_id {_SEEN}
     ORDER BY version.written_ns DESC, version.job_id DESC LIMIT 1)"""

# nobody wrote the path: most inputs of most jobs stay so, and are written so
_UNMADE = "CASE WHEN artifact_id IS NULL THEN 'unknown' WHEN tracked_by_git THEN 'git' ELSE 'root' END"
_PLAIN = f"""
    UPDATE job_input SET previous_artifact_id = NULL, producer_id = NULL, origin = {_UNMADE}
    WHERE {{which}}
      AND (origin IS NOT {_UNMADE} OR producer_id IS NOT NULL OR previous_artifact_id IS NOT NULL)"""

_WRITTEN = "artifact_id IS NOT NULL AND EXISTS (SELECT 1 FROM job_output WHERE job_output.path_id = job_input.path_id)"

_WRITER = f"""
    UPDATE job_input SET producer_id = {_LATEST.format(column="version.job_id")}
    WHERE {{which}} AND {_WRITTEN}"""

_COMPARE = """
    UPDATE job_input SET (origin, previous_artifact_id) =
        (SELECT CASE WHEN left_here.artifact_id IS NULL THEN 'unknown'
                     WHEN left_here.artifact_id = job_input.artifact_id THEN 'job'
                     ELSE 'changed-outside' END,
                CASE WHEN left_here.artifact_id != job_input.artifact_id THEN left_here.artifact_id END
         FROM job_output AS left_here
         WHERE left_here.job_id = job_input.producer_id AND left_here.path_id = job_input.path_id)
    WHERE {which} AND producer_id IS NOT NULL"""

_NOT_THE_WRITER = """
    UPDATE job_input SET producer_id = NULL
    WHERE {which} AND producer_id IS NOT NULL AND origin != 'job'"""

# the latest version of the same content anywhere, older than the first time that the path was seen with it
_SOURCE = f"""
    (SELECT version.job_id FROM job_output AS version
     WHERE version.artifact_id = job_input.artifact_id AND version.fate = 'present'
       AND version.job_id != job_input.job_id AND version.job_id {_SEEN}
       AND version.written_ns < (
            SELECT min(seen.first_read_ns) FROM {inputs_at("path_read.path_id = job_input.path_id")} AS seen
            WHERE seen.artifact_id = job_input.artifact_id AND seen.job_id {_SEEN})
     ORDER BY version.written_ns DESC, version.job_id DESC LIMIT 1)"""

_COPY = f"""
    UPDATE job_input SET producer_id = {_SOURCE}
    WHERE {{which}} AND origin IN ('root', 'changed-outside') AND NOT tracked_by_git
      AND artifact_id IN (SELECT artifact_id FROM job_output)
      AND (SELECT size FROM artifact WHERE artifact.id = artifact_id) >= {COPY_SIZE_BYTES}"""

_CALL_IT_COPY = """
    UPDATE job_input SET origin = 'copy', previous_artifact_id = NULL
    WHERE {which} AND producer_id IS NOT NULL AND origin != 'job'"""

_STATEMENTS = (_PLAIN, _WRITER, _COMPARE, _NOT_THE_WRITER, _COPY, _CALL_IT_COPY)


def settle_job(
    connection: sqlite3.Connection, job_id: int, first_path_id: int = 0, last_path_id: int = (1 << 63) - 1
) -> None:
    """Settles the inputs of a job whose path ids lie between these, both included; all of them by default."""
    values = {"job": job_id, "recording": job_id, "first": first_path_id, "last": last_path_id}
    for statement in _STATEMENTS:
        connection.execute(
            statement.format(which="job_id = :job AND path_id BETWEEN :first AND :last"), values
        )


def settle_readers(connection: sqlite3.Connection, job_id: int) -> None:
    """Settles inputs of other jobs again: those recorded before this job though they ran beside or after it.

    Affected are readers of a path that this job wrote, of content that it left, or of content that it read at the same
    path earlier (which then was there before a copy could be made).
    """
    if _note_affected(connection, job_id, "reader.origin = 'copy'"):
        _settle_noted(connection, job_id)


def settle_without(connection: sqlite3.Connection, jobs: Collection[int]) -> None:
    """Makes jobs invisible and settles the inputs of others again that these had a bearing on."""
    affected = [_note_affected(connection, job_id, "TRUE") for job_id in jobs]
    connection.executemany("UPDATE job SET visible = 0 WHERE id = ?", [(job_id,) for job_id in jobs])
    if any(affected):
        _settle_noted(connection, 0)


def _note_affected(connection: sqlite3.Connection, job_id: int, of_same_content: str) -> bool:
    """Adds the inputs of others that a job has a bearing on to the unsettled ones; returns whether there may be any."""
    later = (
        "SELECT other.id FROM job AS other, job AS this WHERE this.id = :recording AND other.id != this.id"
        " AND other.visible = 1 AND other.ended_ns + :grace > this.started_ns"
    )
    values = {"recording": job_id, "grace": GRACE_NS}
    if connection.execute(f"SELECT 1 WHERE EXISTS ({later})", values).fetchone() is None:
        return False
    # CROSS JOIN keeps the order: these are few jobs, and an index by the paths that others read there is not
    reads = f"({later}) AS later CROSS JOIN job_input AS reader ON reader.job_id = later.id"
    affected = f"""
        SELECT reader.job_id, reader.path_id
        FROM {reads} CROSS JOIN job_input AS own ON own.job_id = :recording AND own.path_id = reader.path_id
        WHERE reader.artifact_id = own.artifact_id AND {of_same_content}
          AND reader.first_read_ns > own.first_read_ns"""
    if connection.execute("SELECT 1 FROM job_output WHERE job_id = ? LIMIT 1", (job_id,)).fetchone():
        affected += f"""
        UNION SELECT reader.job_id, reader.path_id
        FROM {reads} CROSS JOIN job_output AS own ON own.job_id = :recording AND own.path_id = reader.path_id
        WHERE reader.first_read_ns > own.written_ns
        UNION SELECT reader.job_id, reader.path_id
        FROM {reads} CROSS JOIN job_output AS own
          ON own.artifact_id = reader.artifact_id AND own.job_id = :recording
        WHERE reader.first_read_ns > own.written_ns"""
    connection.execute(
        "CREATE TEMP TABLE IF NOT EXISTS unsettled"
        " (job_id INTEGER, path_id INTEGER, PRIMARY KEY (job_id, path_id)) WITHOUT ROWID"
    )
    connection.execute(f"INSERT OR IGNORE INTO unsettled {affected}", values)
    return True


def _settle_noted(connection: sqlite3.Connection, recording: int) -> None:
    which = "(job_id, path_id) IN (SELECT job_id, path_id FROM unsettled)"
    for statement in _STATEMENTS:
        connection.execute(statement.format(which=which), {"recording": recording})
    connection.execute("DELETE FROM unsettled")
