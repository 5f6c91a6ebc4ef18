"""What can be said from the record of how well a job can be traced back: commit, sources of its inputs, its code."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from roar_core.store.batches import rows_where_in
from roar_core.store.documents import get_document
from roar_core.store.text import decode_text

# What most inputs fail comes first: it is asked of each.
_UNSOURCED = "origin != 'job' AND role = 'data' AND origin IN ('root', 'changed-outside', 'unknown')"
_UNTRACKED_CODE = "role = 'code' AND NOT tracked_by_git AND origin != 'job'"
_OWN_CODE = f"{_UNTRACKED_CODE} AND substr(text, 1, 1) != '/'"


class GitOfJob(NamedTuple):
    """The repository when a job started. `is_there`: it was in one."""

    is_there: bool
    commit: str | None
    dirty: bool
    has_patch: bool


class FoundFile(NamedTuple):
    """An input by its path; `digest` is its BLAKE3, in hex, where known."""

    path: str
    digest: str | None


def git_of_jobs(connection: sqlite3.Connection, jobs: Iterable[int]) -> dict[int, GitOfJob]:
    """Returns the repository of each job; each document is read once."""
    documents: dict[int | None, GitOfJob] = {None: GitOfJob(False, None, False, False)}
    found = {}
    chosen = list(jobs)
    git_ids = dict(rows_where_in(connection, "SELECT id, git_id FROM job WHERE id IN", (), chosen))
    for job in chosen:
        document_id = git_ids[job]
        if document_id not in documents:
            body = get_document(connection, document_id)
            assert isinstance(body, dict)  # as `write_job` puts it
            documents[document_id] = GitOfJob(
                True, body.get("commit"), bool(body.get("dirty")), body.get("patch") is not None
            )
        found[job] = documents[document_id]
    return found


def jobs_with_unsourced(connection: sqlite3.Connection, jobs: Collection[int]) -> list[int]:
    """Returns those of the jobs that read data of which nobody knows where they come from."""
    return _jobs_with(connection, _UNSOURCED, jobs)


def jobs_with_code_outside_git(connection: sqlite3.Connection, jobs: Collection[int]) -> list[int]:
    """Returns those of the jobs that may have run code of the project that git did not track."""
    return _jobs_with(connection, _UNTRACKED_CODE, jobs)


def _jobs_with(connection: sqlite3.Connection, condition: str, jobs: Collection[int]) -> list[int]:
    select = (
        f"SELECT id FROM job WHERE EXISTS (SELECT 1 FROM job_input WHERE job_id = job.id AND {condition})"
        " AND id IN"
    )
    found = {job for (job,) in rows_where_in(connection, select, (), sorted(jobs))}
    return [job for job in jobs if job in found]


def list_unsourced(connection: sqlite3.Connection, job: int, limit: int) -> list[str]:
    """Returns the first paths of data that a job read and of which nobody knows where they come from."""
    rows = connection.execute(
        f"SELECT text FROM job_input JOIN path ON path.id = path_id WHERE job_id = ? AND {_UNSOURCED} LIMIT ?",
        (job, limit),
    )
    return [decode_text(text) for (text,) in rows]


def iterate_code_outside_git(connection: sqlite3.Connection, job: int) -> Iterator[FoundFile]:
    """Yields the project's own code that a job ran, that no job made, and that git did not track."""
    rows = connection.execute(
        "SELECT text, (SELECT lower(hex(value)) FROM digest WHERE artifact_id = job_input.artifact_id"
        f" AND algorithm = 'blake3') FROM job_input JOIN path ON path.id = path_id WHERE job_id = ? AND {_OWN_CODE}",
        (job,),
    )
    return (FoundFile(decode_text(text), digest) for text, digest in rows)
