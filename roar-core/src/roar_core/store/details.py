"""What is known of a job besides its files: processes, gaps, drops, and the documents that jobs share."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any, NamedTuple

from roar_core.store.documents import get_document
from roar_core.store.jobs import JobRow
from roar_core.store.records import Drops, Gap, GitState, ProcessRecord
from roar_core.store.text import decode_text


class JobDocuments(NamedTuple):
    """What was captured of where a job ran."""

    git: GitState | None
    environment: Mapping[str, Any]
    hardware: Mapping[str, Any]
    packages: tuple[Mapping[str, Any], ...]


def get_documents(connection: sqlite3.Connection, job: JobRow) -> JobDocuments:
    """Returns a job's documents; empty ones where nothing was captured."""
    git: Any = get_document(connection, job.git_id)
    environment: Any = get_document(connection, job.environment_id)
    hardware: Any = get_document(connection, job.hardware_id)
    packages: Any = get_document(connection, job.packages_id)
    state = GitState(**{**git, "untracked": tuple(git["untracked"])}) if git else None
    return JobDocuments(state, environment or {}, hardware or {}, tuple(packages or ()))


def list_processes(connection: sqlite3.Connection, job_id: int) -> tuple[ProcessRecord, ...]:
    """Returns the program images of a job, in the tracer's order."""
    rows = connection.execute(
        "SELECT id, parent_id, pid, exe, argv, cwd, started_ns, ended_ns, exit_code, signal FROM process"
        " WHERE job_id = ? ORDER BY id",
        (job_id,),
    )
    return tuple(
        ProcessRecord(number, parent, pid, decode_text(exe), tuple(json.loads(argv)), decode_text(cwd), *rest)
        for number, parent, pid, exe, argv, cwd, *rest in rows
    )


def list_gaps(connection: sqlite3.Connection, job_id: int) -> tuple[Gap, ...]:
    """Returns what the tracer could not see of a job."""
    rows = connection.execute(
        "SELECT kind, detail, process_id FROM gap WHERE job_id = ? ORDER BY rowid", (job_id,)
    )
    return tuple(Gap(kind, decode_text(detail), process) for kind, detail, process in rows)


def list_drops(connection: sqlite3.Connection, job_id: int) -> tuple[Drops, ...]:
    """Returns what filters dropped of a job, most first."""
    rows = connection.execute(
        "SELECT reason, count, examples FROM dropped WHERE job_id = ? ORDER BY count DESC, reason", (job_id,)
    )
    return tuple(Drops(reason, count, tuple(json.loads(examples))) for reason, count, examples in rows)
