"""Recorded jobs, as commands show them."""

from __future__ import annotations

import json
import sqlite3
from typing import Any, NamedTuple

from roar_core.errors import AmbiguousReference, NotFound
from roar_core.store.text import decode_text

_COLUMNS = (
    "job.id, job.uid, job.session_id, job.parent_uid, job.node, job.kind, job.step, job.name, job.program, job.argv,"
    " job.cwd, job.started_ns, job.ended_ns, job.status, job.exit_code, job.signal, job.tracer, job.level,"
    " job.lost_events, job.peak_memory_bytes, job.cpu_seconds,"
    " job.git_id, job.environment_id, job.hardware_id, job.packages_id"
)


class JobRow(NamedTuple):
    """One recorded job. The `_id`s of documents are for `documents.get_document` and `job_documents`."""

    id: int
    uid: str
    session_id: int
    parent_uid: str | None
    node: str
    kind: str
    step: int
    name: str | None
    program: str
    argv: tuple[str, ...]
    cwd: str
    started_ns: int
    ended_ns: int
    status: str
    exit_code: int | None
    signal: int | None
    tracer: str
    level: str
    lost_events: int
    peak_memory_bytes: int | None
    cpu_seconds: float | None
    git_id: int | None
    environment_id: int | None
    hardware_id: int | None
    packages_id: int | None

    @property
    def step_name(self) -> str:
        """Returns the step as it is typed: `@2`, `@B1`."""
        return f"@{'B' if self.kind == 'build' else ''}{self.step}"


def list_jobs(
    connection: sqlite3.Connection, *, session_id: int | None = None, limit: int = -1
) -> tuple[JobRow, ...]:
    """Returns recorded jobs, newest start first, of one session or of all; `limit` -1: all of them."""
    return _select(
        connection,
        "(? IS NULL OR session_id = ?) ORDER BY started_ns DESC, id DESC LIMIT ?",
        (session_id, session_id, limit),
    )


def find_job(connection: sqlite3.Connection, uid: str) -> JobRow:
    """Returns the job with this uid, or the only one whose uid begins so. Raises `NotFound`, `AmbiguousReference`."""
    found = (
        _select(connection, "uid >= ? AND uid < ? ORDER BY uid LIMIT 3", (uid, uid + "\U0010ffff"))
        if uid
        else ()
    )
    if not found:
        raise NotFound(f"no job with this uid: `{uid}`", "roar log")
    if len(found) > 1 and found[0].uid != uid:
        uids = ", ".join(job.uid for job in found[:2])
        raise AmbiguousReference(f"several jobs begin so ({uids}, …): `{uid}`", "give more of its characters")
    return found[0]


def list_step(connection: sqlite3.Connection, session_id: int, kind: str, step: int) -> tuple[JobRow, ...]:
    """Returns the runs of a step, newest first; none if there is no such step. Kind `build` counts its steps apart."""
    kinds = ("build", "build", "build") if kind == "build" else ("run", "get", "put")
    return _select(
        connection,
        "session_id = ? AND kind IN (?, ?, ?) AND step = ? ORDER BY started_ns DESC, id DESC",
        (session_id, *kinds, step),
    )


def list_children(connection: sqlite3.Connection, uid: str) -> tuple[JobRow, ...]:
    """Returns the jobs that were started inside the job with this uid, oldest first."""
    return _select(connection, "parent_uid = ? ORDER BY started_ns, id", (uid,))


def count_jobs(connection: sqlite3.Connection) -> int:
    """Returns how many jobs are recorded."""
    (count,) = connection.execute("SELECT count(*) FROM job WHERE visible = 1").fetchone()
    return int(count)


def _select(connection: sqlite3.Connection, condition: str, values: tuple[object, ...]) -> tuple[JobRow, ...]:
    rows = connection.execute(f"SELECT {_COLUMNS} FROM job WHERE visible = 1 AND {condition}", values)
    return tuple(_job(row) for row in rows)


def _job(row: tuple[Any, ...]) -> JobRow:
    job_id, uid, session_id, parent_uid, node, kind, step, name, program, argv, cwd, *rest = row
    return JobRow(
        job_id, uid, session_id, parent_uid, decode_text(node), kind, step, None if name is None else decode_text(name),
        decode_text(program), tuple(json.loads(argv)), decode_text(cwd), *rest,
    )  # fmt: skip
