"""What a killed writer left: a job that never became visible. The spool still has its run."""

from __future__ import annotations

import sqlite3

from roar_core.store.readers import unlink_inputs
from roar_core.store.transactions import write_transaction
from roar_core.store.writers import lock_job

_TABLES = {
    # by which column, and how many rows at once: an input is looked for among all who have read its path
    "pending_digest": ("path_id", 10_000),
    "job_input": ("path_id", 2_000),
    "job_output": ("path_id", 10_000),
    "process": ("id", 10_000),
}


def remove_abandoned_jobs(connection: sqlite3.Connection, locks: int, busy_seconds: float) -> None:
    """Removes every invisible job whose writer has gone. Costs one look into an empty index where there is none."""
    for (job_id,) in connection.execute("SELECT id FROM job WHERE visible = 0").fetchall():
        if lock_job(locks, job_id):
            remove_job(connection, job_id, busy_seconds)


def remove_job(connection: sqlite3.Connection, job_id: int, busy_seconds: float) -> None:
    """Removes an invisible job in pieces; does nothing to a visible one. Its artifacts stay for the run's next try.

    The caller holds the job's lock, so the job does not become visible meanwhile.
    """
    if connection.execute("SELECT 1 FROM job WHERE id = ? AND visible = 0", (job_id,)).fetchone() is None:
        return  # its writer made it visible, or removed it, just before it let go
    for table, (column, at_once) in _TABLES.items():
        removed = at_once
        while removed >= at_once:
            with write_transaction(connection, busy_seconds=busy_seconds):
                first, last = connection.execute(
                    f"SELECT min({column}), max({column}) FROM (SELECT {column} FROM {table} WHERE job_id = ?"
                    f" ORDER BY {column} LIMIT {at_once})",
                    (job_id,),
                ).fetchone()
                if table == "job_input" and first is not None:
                    unlink_inputs(connection, job_id, first, last)
                removed = connection.execute(
                    f"DELETE FROM {table} WHERE job_id = ? AND {column} BETWEEN ? AND ?",
                    (job_id, first, last),
                ).rowcount
    with write_transaction(connection, busy_seconds=busy_seconds):
        connection.execute("DELETE FROM job WHERE id = ? AND visible = 0", (job_id,))
