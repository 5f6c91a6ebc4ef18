"""The rows of a run that do not grow with its files: job, processes, gaps, drops."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from roar_core.store.documents import put_document
from roar_core.store.records import Drops, Gap, JobRecord, ProcessRecord
from roar_core.store.text import encode_text

_COLUMNS = (
    "uid, session_id, parent_uid, node, kind, name, program, argv, cwd, started_ns, ended_ns,"
    " status, exit_code, signal, tracer, level, lost_events, peak_memory_bytes, cpu_seconds,"
    " git_id, environment_id, hardware_id, packages_id"
)


def write_job(connection: sqlite3.Connection, job: JobRecord, uid: str, session_id: int) -> int:
    """Returns the id of a new job, not yet visible."""
    documents = [
        put_document(connection, body)
        for body in (job.git._asdict() if job.git else None, job.environment, job.hardware, job.packages)
    ]
    values = (
        *(uid, session_id, job.parent_uid, encode_text(job.node), job.kind),
        *(None if job.name is None else encode_text(job.name), encode_text(job.program)),
        *(json.dumps(job.argv), encode_text(job.cwd), job.started_ns, job.ended_ns),
        *(job.status, job.exit_code, job.signal, job.tracer, job.level, job.lost_events),
        *(job.peak_memory_bytes, job.cpu_seconds, *documents),
    )
    inserted = connection.execute(
        f"INSERT INTO job ({_COLUMNS}) VALUES ({', '.join('?' * len(values))})", values
    ).lastrowid
    assert inserted is not None  # an INSERT always sets it
    return inserted


def write_processes(connection: sqlite3.Connection, job_id: int, processes: Sequence[ProcessRecord]) -> None:
    """Writes one chunk of processes."""
    connection.executemany(
        "INSERT INTO process (job_id, id, parent_id, pid, exe, argv, cwd, started_ns, ended_ns, exit_code, signal)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job_id, id) DO NOTHING",
        [
            (
                *(
                    job_id,
                    process.id,
                    process.parent,
                    process.pid,
                    encode_text(process.exe),
                    json.dumps(process.argv),
                ),
                *(
                    encode_text(process.cwd),
                    process.started_ns,
                    process.ended_ns,
                    process.exit_code,
                    process.signal,
                ),
            )
            for process in processes
        ],
    )


def write_notes(
    connection: sqlite3.Connection, job_id: int, gaps: Sequence[Gap], drops: Sequence[Drops]
) -> None:
    """Writes what the tracer could not see and what filters dropped."""
    connection.executemany(
        "INSERT INTO gap (job_id, kind, process_id, detail) VALUES (?, ?, ?, ?)",
        [(job_id, gap.kind, gap.process, encode_text(gap.detail)) for gap in gaps],
    )
    connection.executemany(
        "INSERT INTO dropped (job_id, reason, count, examples) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (job_id, reason) DO UPDATE SET count = count + excluded.count",
        [(job_id, drop.reason, drop.count, json.dumps(drop.examples)) for drop in drops],
    )
