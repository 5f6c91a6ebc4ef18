"""The first few files that a job read and wrote: all that a screen shows of a job with a million of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from roar_core.store.edges import InputRow, OutputRow, iterate_inputs, iterate_outputs


def first_inputs(connection: sqlite3.Connection, job_id: int, role: str, limit: int) -> list[InputRow]:
    """Returns the first inputs of a role that a job read. Costs a scan of the job's inputs: 0.1 s for a million."""
    first = (
        "SELECT * FROM main.job_input WHERE job_id = ? AND role = ? ORDER BY first_read_ns, path_id LIMIT ?"
    )
    with _only(connection, "job_input", first, (job_id, role, limit)):
        return list(iterate_inputs(connection, job_id))


def first_outputs(connection: sqlite3.Connection, job_id: int, limit: int) -> list[OutputRow]:
    """Returns the first outputs of a job, in the order in which they were written last."""
    first = "SELECT * FROM main.job_output WHERE job_id = ? ORDER BY written_ns, path_id LIMIT ?"
    with _only(connection, "job_output", first, (job_id, limit)):
        return list(iterate_outputs(connection, job_id))


@contextmanager
def _only(
    connection: sqlite3.Connection, table: str, query: str, values: tuple[object, ...]
) -> Iterator[None]:
    """Lets a temporary table of the rows that a query finds stand in front of a table."""
    connection.execute(f"CREATE TEMP TABLE {table} AS {query}", values)
    try:
        yield
    finally:
        connection.execute(f"DROP TABLE temp.{table}")
