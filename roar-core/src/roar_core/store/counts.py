"""Numbers about jobs and sessions, for lists."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from roar_core.store.batches import rows_where_in


class FileCounts(NamedTuple):
    """How many files a job read and left; `code` are those inputs that are its own source code."""

    inputs: int
    code: int
    outputs: int


def count_files(connection: sqlite3.Connection, jobs: Iterable[int]) -> dict[int, FileCounts]:
    """Returns the number of files of each job. Costs a scan of the jobs' edges."""
    ordered = sorted(jobs)
    by_job = "GROUP BY job_id"
    inputs = "SELECT job_id, sum(role = 'data'), count(*) FROM job_input WHERE job_id IN"
    outputs = "SELECT job_id, count(*) FROM job_output WHERE fate = 'present' AND job_id IN"
    read = {job: counts for job, *counts in rows_where_in(connection, inputs, (), ordered, by_job)}
    left = dict(rows_where_in(connection, outputs, (), ordered, by_job))
    counts = {}
    for job in ordered:
        data, total = read.get(job, (0, 0))
        counts[job] = FileCounts(data, total - data, left.get(job, 0))
    return counts


def count_session(connection: sqlite3.Connection, session_id: int) -> tuple[int, int]:
    """Returns how many jobs and how many steps a session has."""
    jobs, steps = connection.execute(
        "SELECT count(*), count(DISTINCT kind || step) FROM job WHERE session_id = ? AND visible = 1",
        (session_id,),
    ).fetchone()
    return jobs, steps


def count_pending(connection: sqlite3.Connection) -> int:
    """Returns how many digests of recorded jobs are pending."""
    (count,) = connection.execute(
        "SELECT count(*) FROM pending_digest JOIN job ON job.id = job_id WHERE visible = 1"
    ).fetchone()
    return int(count)


def has_several_files(connection: sqlite3.Connection, job_id: int) -> bool:
    """Returns whether a job read several files, or wrote several. Costs two looks into an index."""
    return any(
        connection.execute(f"SELECT 1 FROM {table} WHERE job_id = ? LIMIT 1 OFFSET 1", (job_id,)).fetchone()
        for table in ("job_input", "job_output")
    )
