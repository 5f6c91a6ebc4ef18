"""A run recorded: rows by chunks under an invisible job, then one short transaction that makes it visible."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from roar_core.errors import StoreBusy
from roar_core.store.abandoned import remove_abandoned_jobs, remove_job
from roar_core.store.chunks import write_in_chunks
from roar_core.store.records import JobRecord, RunRecord
from roar_core.store.rules import LineageRules
from roar_core.store.sessions import ensure_active_session
from roar_core.store.settle import settle_ahead, settle_rest
from roar_core.store.transactions import write_transaction
from roar_core.store.write_edges import write_inputs, write_outputs
from roar_core.store.write_job import write_job, write_notes, write_processes
from roar_core.store.writers import lock_job, open_writer_locks


class Recorded(NamedTuple):
    """A run that is in the database. `uid` differs from the one it was started with if that one was taken."""

    job_id: int
    uid: str
    step: int
    session_uid: str


def write_run(
    connection: sqlite3.Connection, directory: Path, run: RunRecord, rules: LineageRules, busy_seconds: float
) -> Recorded:
    """Records `run`; one that is there already (killed after the commit, taken in again) is only found.

    `directory`: the project's `.roar`. On any error nothing of the run is visible, and it can be recorded again.
    """
    with open_writer_locks(directory) as locks:
        remove_abandoned_jobs(connection, locks, busy_seconds)
        with write_transaction(connection, busy_seconds=busy_seconds):
            uid = _free_uid(connection, run.job)
            if uid is None:
                return _find_recorded(connection, run.job)
            session = ensure_active_session(connection, run.job.started_ns)
            job_id = write_job(connection, run.job, uid, session.id)
            lock_job(locks, job_id)  # before anyone can see the row
            write_notes(connection, job_id, run.gaps, run.drops)
        try:
            _write_rows(connection, job_id, run, busy_seconds)
            step = _make_visible(connection, job_id, run.job.rerun_of, rules, busy_seconds)
        except Exception:
            # Where this fails as well, the next writer does it: nobody holds the job's lock then.
            with suppress(sqlite3.Error):
                remove_job(connection, job_id, busy_seconds=0.1)
            raise
        return Recorded(job_id, uid, step, session.uid)


def _write_rows(connection: sqlite3.Connection, job_id: int, run: RunRecord, busy_seconds: float) -> None:
    # These rows refer only to ids looked up or made in the same transaction; checking that again costs a tenth.
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        write_in_chunks(connection, run.processes, partial(write_processes, connection, job_id), busy_seconds)
        write_in_chunks(connection, run.inputs, partial(write_inputs, connection, job_id), busy_seconds)
        write_in_chunks(connection, run.outputs, partial(write_outputs, connection, job_id), busy_seconds)
    finally:
        connection.execute("PRAGMA foreign_keys = ON")


def _make_visible(
    connection: sqlite3.Connection,
    job_id: int,
    rerun_of: int | None,
    rules: LineageRules,
    busy_seconds: float,
) -> int:
    others = settle_ahead(connection, job_id, rules, busy_seconds)
    with write_transaction(connection, busy_seconds=busy_seconds, durable=True):
        step = rules.assign_step(connection, job_id, rerun_of)
        connection.execute("UPDATE job SET step = ?, visible = 1 WHERE id = ?", (step, job_id))
        settle_rest(connection, job_id, others, rules)
    return step


def _free_uid(connection: sqlite3.Connection, job: JobRecord) -> str | None:
    """Returns the first uid of the job's that no other run has; None where this very run has it."""
    for uid in _uids(job):
        row = connection.execute("SELECT started_ns, argv, visible FROM job WHERE uid = ?", (uid,)).fetchone()
        if row is None:
            return uid
        if row[:2] == (job.started_ns, json.dumps(job.argv)):
            if row[2]:
                return None
            raise StoreBusy(
                f"run is being recorded by another process: `{uid}`", "see it when that one is done: roar log"
            )
    raise AssertionError("uids never end")


def _uids(job: JobRecord) -> Iterator[str]:
    """Yields the job's uid, then those drawn where it is taken: always the same ones, so that a run is known again."""
    yield job.uid
    import hashlib

    seed = json.dumps((job.uid, job.started_ns, job.argv)).encode()
    while True:
        seed = hashlib.sha256(seed).digest()
        yield seed.hex()[: len(job.uid)]


def _find_recorded(connection: sqlite3.Connection, job: JobRecord) -> Recorded:
    for uid in _uids(job):
        row = connection.execute(
            "SELECT job.id, job.uid, step, session.uid FROM job JOIN session ON session.id = session_id"
            " WHERE job.uid = ? AND job.started_ns = ? AND argv = ?",
            (uid, job.started_ns, json.dumps(job.argv)),
        ).fetchone()
        if row is not None:
            return Recorded(*row)
    raise AssertionError("uids never end")
