"""Where a job's inputs come from, settled by parts before the job is visible, so that the last transaction is short."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from roar_core.store.readers import link_inputs, note_outputs
from roar_core.store.rules import LineageRules
from roar_core.store.transactions import write_transaction

_FILES_AT_ONCE = 20_000


class OtherJobs(NamedTuple):
    """The jobs there were when settling began: those visible since then are told from the rest by it."""

    last_id: int
    unfinished: frozenset[int]


def settle_ahead(
    connection: sqlite3.Connection, job_id: int, rules: LineageRules, busy_seconds: float
) -> OtherJobs:
    """Settles all inputs of an invisible job against what is visible now; hand the answer to `settle_rest`.

    From here on they are found by path and by content.
    """
    (last_id,) = connection.execute("SELECT max(id) FROM job").fetchone()
    unfinished = {other for (other,) in connection.execute("SELECT id FROM job WHERE visible = 0")}
    for first_path_id, last_path_id in _parts(connection, "job_output", job_id):
        with write_transaction(connection, busy_seconds=busy_seconds):
            note_outputs(connection, job_id, first_path_id, last_path_id)
    for first_path_id, last_path_id in _parts(connection, "job_input", job_id):
        with write_transaction(connection, busy_seconds=busy_seconds):
            link_inputs(connection, job_id, first_path_id, last_path_id)
            rules.settle_part(connection, job_id, first_path_id, last_path_id)
    return OtherJobs(last_id, frozenset(unfinished - {job_id}))


def settle_rest(connection: sqlite3.Connection, job_id: int, others: OtherJobs, rules: LineageRules) -> None:
    """Settles what the job, visible now in the caller's transaction, and those visible since then mean to others."""
    visible = connection.execute(
        "SELECT id FROM job WHERE id > ? AND visible = 1", (others.last_id,)
    ).fetchall()
    for other in others.unfinished:
        visible += connection.execute("SELECT id FROM job WHERE id = ? AND visible = 1", (other,)).fetchall()
    for (other,) in visible:
        rules.settle_readers(connection, other)
    rules.settle_readers(connection, job_id)


def settle_again(
    connection: sqlite3.Connection, inputs: Iterable[tuple[int, int]], rules: LineageRules
) -> None:
    """Settles (job, path) inputs whose content has become known, and what follows, in the caller's transaction."""
    paths: dict[int, list[int]] = {}
    for job_id, path_id in inputs:
        paths.setdefault(job_id, []).append(path_id)
    for job_id, path_ids in paths.items():
        rules.settle_part(connection, job_id, min(path_ids), max(path_ids))
        rules.settle_readers(connection, job_id)


def _parts(connection: sqlite3.Connection, table: str, job_id: int) -> Iterator[tuple[int, int]]:
    """Yields ranges of path ids that hold so many files of the job each."""
    last = -1
    while True:
        first, last = connection.execute(
            "SELECT min(path_id), max(path_id) FROM"
            f" (SELECT path_id FROM {table} WHERE job_id = ? AND path_id > ? ORDER BY path_id LIMIT ?)",
            (job_id, last, _FILES_AT_ONCE),
        ).fetchone()
        if first is None:
            return
        yield first, last
