"""Who read a path: a chain from its last reader back to its first, one row of `job_input` after the other.

An index of `job_input` by path would have as many entries for each path as jobs read it, a page of them after a
hundred: a job that reads 20,000 files would change 20,000 pages. A chain costs it a row in `path_read`, beside those of
the paths that were met together.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

_CHANGED = "INSERT INTO changed_path (path_id, overtaken_job_id)"
_NEWEST = (
    "ON CONFLICT (path_id) DO UPDATE SET overtaken_job_id = max(overtaken_job_id, excluded.overtaken_job_id)"
)


def inputs_at(which: str) -> str:
    """Returns a subquery for the rows of `job_input` at paths; `which` chooses these by `path_read.path_id`."""
    return (
        "(WITH RECURSIVE reader (job_id, path_id) AS"
        f" (SELECT last_reader_id, path_id FROM path_read WHERE {which}"
        " UNION ALL SELECT previous_reader_id, entry.path_id FROM reader CROSS JOIN job_input AS entry"
        " ON entry.job_id = reader.job_id AND entry.path_id = reader.path_id WHERE previous_reader_id IS NOT NULL)"
        " SELECT entry.* FROM reader CROSS JOIN job_input AS entry"
        " ON entry.job_id = reader.job_id AND entry.path_id = reader.path_id)"
    )


def inputs_of_content(artifact: str) -> str:
    """Returns a subquery for the rows of `job_input` at the paths where a content was read; not all hold it."""
    return inputs_at(
        f"path_read.path_id IN (SELECT path_id FROM content_read WHERE artifact_id = {artifact})"
    )


def link_inputs(connection: sqlite3.Connection, job_id: int, first_path_id: int, last_path_id: int) -> None:
    """Puts a job's inputs at these paths, both ends included, at the head of the chains; once, and not twice."""
    values = {"job": job_id, "first": first_path_id, "last": last_path_id}
    own = "job_id = :job AND path_id BETWEEN :first AND :last"
    connection.execute(
        "UPDATE job_input SET previous_reader_id ="
        " (SELECT last_reader_id FROM path_read WHERE path_read.path_id = job_input.path_id)"
        f" WHERE {own} AND path_id IN (SELECT path_id FROM path_read)",
        values,
    )
    connection.execute(
        "INSERT INTO path_read (path_id, last_reader_id, oldest_read_ns)"
        f" SELECT path_id, job_id, first_read_ns FROM job_input WHERE {own}"
        " ON CONFLICT (path_id) DO UPDATE SET last_reader_id = excluded.last_reader_id,"
        " oldest_read_ns = min(oldest_read_ns, excluded.oldest_read_ns)",
        values,
    )
    connection.execute(
        "INSERT OR IGNORE INTO content_read (artifact_id, path_id)"
        f" SELECT artifact_id, path_id FROM job_input WHERE {own} AND artifact_id IS NOT NULL",
        values,
    )
    connection.execute(
        f"{_CHANGED} SELECT path_id, job_id FROM job_input WHERE {own} AND first_read_ns <"
        f" (SELECT max(written_ns) FROM job_output WHERE job_output.path_id = job_input.path_id) {_NEWEST}",
        values,
    )


def note_outputs(connection: sqlite3.Connection, job_id: int, first_path_id: int, last_path_id: int) -> None:
    """Notes which of the paths that a job wrote, both ends included, others wrote too or had been read before."""
    values = {"job": job_id, "first": first_path_id, "last": last_path_id}
    own = "own.job_id = :job AND own.path_id BETWEEN :first AND :last"
    connection.execute(
        f"{_CHANGED} SELECT own.path_id, min(:job, max(other.job_id)) FROM job_output AS own CROSS JOIN job_output"
        f" AS other ON other.path_id = own.path_id AND other.job_id != :job WHERE {own} GROUP BY own.path_id {_NEWEST}",
        values,
    )
    connection.execute(
        f"{_CHANGED} SELECT own.path_id, last_reader_id FROM job_output AS own CROSS JOIN path_read"
        f" ON path_read.path_id = own.path_id AND oldest_read_ns < own.written_ns WHERE {own} {_NEWEST}",
        values,
    )


def note_contents(connection: sqlite3.Connection, contents: Sequence[tuple[int, int]]) -> None:
    """Notes which contents were read at which paths, given as (artifact, path)."""
    connection.executemany(
        "INSERT OR IGNORE INTO content_read (artifact_id, path_id) VALUES (?, ?)", contents
    )


def unlink_inputs(connection: sqlite3.Connection, job_id: int, first_path_id: int, last_path_id: int) -> None:
    """Takes a job's inputs at these paths, both ends included, out of the chains that they are part of."""
    own = "(SELECT previous_reader_id FROM job_input AS own WHERE own.job_id = :job AND own.path_id = {}.path_id)"
    values = {"job": job_id, "first": first_path_id, "last": last_path_id}
    later = inputs_at(
        "path_read.path_id BETWEEN :first AND :last AND last_reader_id != :job"
        " AND EXISTS (SELECT 1 FROM job_input AS own WHERE own.job_id = :job AND own.path_id = path_read.path_id)"
    )
    connection.execute(
        f"UPDATE job_input SET previous_reader_id = {own.format('job_input')} WHERE (job_id, path_id) IN"
        f" (SELECT job_id, path_id FROM {later} WHERE previous_reader_id = :job)",
        values,
    )
    connection.execute(
        f"UPDATE path_read SET last_reader_id = {own.format('path_read')}"
        " WHERE path_id BETWEEN :first AND :last AND last_reader_id = :job",
        values,
    )
    connection.execute(
        "DELETE FROM path_read WHERE path_id BETWEEN :first AND :last AND last_reader_id IS NULL", values
    )
