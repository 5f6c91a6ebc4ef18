"""The last job of a session, as undoing it needs to know it, and taking its record away."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from roar_core.store.abandoned import remove_job
from roar_core.store.jobs import JobRow, list_children, list_jobs
from roar_core.store.producers import settle_without
from roar_core.store.text import decode_text
from roar_core.store.transactions import write_transaction
from roar_core.store.writers import lock_job, open_writer_locks

_BLAKE3 = (
    "(SELECT lower(hex(value)) FROM digest WHERE artifact_id = {edge}.artifact_id AND algorithm = 'blake3')"
)


class ReadFile(NamedTuple):
    """A file that one of the jobs read, before any of them wrote it; `digest` is its BLAKE3, in hex, where known."""

    path: str
    digest: str | None
    removed: bool


class WrittenFile(NamedTuple):
    """A file as the jobs left it. `created`: it was not there before; None: not known."""

    path: str
    digest: str | None
    created: bool | None


def last_jobs(connection: sqlite3.Connection, session_id: int) -> tuple[JobRow, ...]:
    """Returns the newest job of a session that was not started inside another one, then those started inside it."""
    for job in list_jobs(connection, session_id=session_id):
        if job.parent_uid is None or not _is_recorded(connection, job.parent_uid):
            return (job, *_inside(connection, job))
    return ()


def list_read_files(connection: sqlite3.Connection, jobs: Sequence[JobRow]) -> tuple[ReadFile, ...]:
    """Returns what the jobs together found there, by path."""
    ids, marks = _ids(jobs)
    rows = connection.execute(
        f"SELECT text, {_BLAKE3.format(edge='job_input')}, removed, path_id FROM job_input"
        f" JOIN path ON path.id = path_id WHERE job_id IN ({marks})"
        f" AND (producer_id IS NULL OR producer_id NOT IN ({marks})) ORDER BY first_read_ns DESC",
        (*ids, *ids),
    )
    earliest = {
        path_id: ReadFile(decode_text(text), digest, bool(gone)) for text, digest, gone, path_id in rows
    }
    return tuple(sorted(earliest.values()))


def list_written_files(connection: sqlite3.Connection, jobs: Sequence[JobRow]) -> tuple[WrittenFile, ...]:
    """Returns what the jobs together left there, by path."""
    ids, marks = _ids(jobs)
    rows = connection.execute(
        f"SELECT text, {_BLAKE3.format(edge='job_output')}, created, path_id FROM job_output"
        f" JOIN path ON path.id = path_id WHERE job_id IN ({marks}) AND fate = 'present' ORDER BY written_ns",
        ids,
    )
    found: dict[int, WrittenFile] = {}
    for text, digest, created, path_id in rows:
        # whether it was there before is for the first of them to say, what it holds for the last
        first = found[path_id].created if path_id in found else None if created is None else bool(created)
        found[path_id] = WrittenFile(decode_text(text), digest, first)
    return tuple(sorted(found.values(), key=lambda file: file.path))


def remove_recorded(
    connection: sqlite3.Connection, directory: Path, jobs: Sequence[JobRow], busy_seconds: float
) -> None:
    """Takes jobs out of the record: in one step for whoever looks, in pieces for whoever waits to write.

    `directory`: the project's `.roar`. Killed half-way, the next writer removes the rest.
    """
    with open_writer_locks(directory) as locks:
        with write_transaction(connection, busy_seconds=busy_seconds, durable=True):
            settle_without(connection, [job.id for job in jobs])
            for job in jobs:
                lock_job(locks, job.id)
        for job in jobs:
            remove_job(connection, job.id, busy_seconds)


def _is_recorded(connection: sqlite3.Connection, uid: str) -> bool:
    return (
        connection.execute("SELECT 1 FROM job WHERE uid = ? AND visible = 1", (uid,)).fetchone() is not None
    )


def _inside(connection: sqlite3.Connection, job: JobRow) -> tuple[JobRow, ...]:
    found: tuple[JobRow, ...] = ()
    for child in list_children(connection, job.uid):
        found += (child, *_inside(connection, child))
    return found


def _ids(jobs: Sequence[JobRow]) -> tuple[tuple[int, ...], str]:
    return tuple(job.id for job in jobs), ", ".join("?" * len(jobs))
