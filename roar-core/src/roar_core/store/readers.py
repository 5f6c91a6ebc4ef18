"""Who read a path: a chain from its last reader back to its first, one row of `job_input` after the other.

An index of `job_input` by path would have as many entries for each path as jobs read it, a page of them after a
hundred: a job that reads 20,000 files would change 20,000 pages. A chain costs it a row in `path_read`, beside those of
the paths that were met together.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple


class Read(NamedTuple):
    """A row of `job_input`. `artifact_id` is None where its content is not known."""

    path_id: int
    artifact_id: int | None
    first_read_ns: int


PREVIOUS_READER = "(SELECT last_reader_id FROM path_read WHERE path_id = ?)"


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


def note_reads(connection: sqlite3.Connection, job_id: int, reads: Sequence[Read]) -> None:
    """Makes a job the last reader of paths. Its inputs are there, each with `PREVIOUS_READER`."""
    connection.executemany(
        "INSERT INTO path_read (path_id, last_reader_id, oldest_read_ns) VALUES (?, ?, ?)"
        " ON CONFLICT (path_id) DO UPDATE SET last_reader_id = excluded.last_reader_id,"
        " oldest_read_ns = min(oldest_read_ns, excluded.oldest_read_ns)",
        [(read.path_id, job_id, read.first_read_ns) for read in reads],
    )
    note_contents(
        connection, [(read.artifact_id, read.path_id) for read in reads if read.artifact_id is not None]
    )
    connection.executemany(
        "INSERT OR IGNORE INTO changed_path"
        " SELECT path_id FROM job_output WHERE path_id = ? AND written_ns > ? LIMIT 1",
        [(read.path_id, read.first_read_ns) for read in reads],
    )


def note_contents(connection: sqlite3.Connection, contents: Sequence[tuple[int, int]]) -> None:
    """Notes which contents were read at which paths, given as (artifact, path)."""
    connection.executemany(
        "INSERT OR IGNORE INTO content_read (artifact_id, path_id) VALUES (?, ?)", contents
    )


def note_writes(connection: sqlite3.Connection, job_id: int, writes: Sequence[tuple[int, int]]) -> None:
    """Notes which of the paths that a job wrote, given with their times, had been read or written before."""
    connection.executemany(
        "INSERT OR IGNORE INTO changed_path SELECT ? WHERE"
        " EXISTS (SELECT 1 FROM path_read WHERE path_id = ? AND oldest_read_ns < ?)"
        " OR EXISTS (SELECT 1 FROM job_output WHERE path_id = ? AND job_id != ?)",
        [(path_id, path_id, written_ns, path_id, job_id) for path_id, written_ns in writes],
    )


def forget_reads(connection: sqlite3.Connection, job_id: int, first_path_id: int, last_path_id: int) -> None:
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
