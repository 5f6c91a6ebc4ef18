"""Digests that were put off: listed, and settled with digests or with the reason why they can't be known."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from roar_core.store.records import Identity
from roar_core.store.text import decode_text, encode_text, unsigned
from roar_core.store.transactions import write_transaction
from roar_core.store.write_artifacts import ensure_artifacts

Direction = Literal["input", "output"]
_EDGE_TABLES = {"input": "job_input", "output": "job_output"}


@dataclass(frozen=True, slots=True)
class PendingDigest:
    """One edge without a digest; the file's bytes are those the job saw as long as its identity is this one."""

    job_id: int
    path_id: int
    direction: Direction
    path: str
    identity: Identity


@dataclass(frozen=True, slots=True)
class Resolution:
    """What became of a pending digest: digests, or the reason why there will never be any."""

    pending: PendingDigest
    digests: Mapping[str, bytes]
    reason: str | None = None

    @property
    def size(self) -> int:
        """Returns the size of the content, in bytes."""
        return self.pending.identity.size


def count_pending(connection: sqlite3.Connection) -> int:
    """Returns how many digests of recorded jobs are pending."""
    (count,) = connection.execute(
        "SELECT count(*) FROM pending_digest JOIN job ON job.id = job_id WHERE visible = 1"
    ).fetchone()
    return int(count)


def list_pending(connection: sqlite3.Connection, limit: int = -1) -> tuple[PendingDigest, ...]:
    """Returns the pending digests of recorded jobs, oldest job first."""
    rows = connection.execute(
        "SELECT job_id, path_id, direction, text, device, inode, size, mtime_ns, ctime_ns FROM pending_digest"
        " JOIN path ON path.id = path_id JOIN job ON job.id = job_id WHERE visible = 1"
        " ORDER BY job_id, path_id LIMIT ?",
        (limit,),
    )
    return tuple(
        PendingDigest(
            job, path, direction, decode_text(text), Identity(unsigned(device), unsigned(inode), *rest)
        )
        for job, path, direction, text, device, inode, *rest in rows
    )


def resolve_pending(
    connection: sqlite3.Connection, resolutions: Iterable[Resolution], *, busy_seconds: float = 2.0
) -> frozenset[int]:
    """Settles pending digests in one transaction; returns the jobs whose edges changed: settle their producers again.

    One that was settled by another process meanwhile is left as it is.
    """
    jobs: set[int] = set()
    with write_transaction(connection, busy_seconds=busy_seconds, durable=True):
        for resolution in resolutions:
            if _resolve(connection, resolution):
                jobs.add(resolution.pending.job_id)
    return frozenset(jobs)


def _resolve(connection: sqlite3.Connection, resolution: Resolution) -> bool:
    pending = resolution.pending
    edge = (pending.job_id, pending.path_id)
    removed = connection.execute(
        "DELETE FROM pending_digest WHERE job_id = ? AND path_id = ? AND direction = ?",
        (*edge, pending.direction),
    )
    if not removed.rowcount:
        return False
    (artifact,) = ensure_artifacts(connection, [resolution])
    reason = None if resolution.reason is None else encode_text(resolution.reason)
    connection.execute(
        f"UPDATE {_EDGE_TABLES[pending.direction]} SET artifact_id = ?, reason = ? WHERE job_id = ? AND path_id = ?",
        (artifact, reason, *edge),
    )
    return True
