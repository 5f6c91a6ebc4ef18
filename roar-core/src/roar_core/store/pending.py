"""Digests that were put off: listed, and settled with digests or with the reason why they can't be known."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Literal, NamedTuple

from roar_core.store.chunks import write_in_chunks
from roar_core.store.readers import note_contents
from roar_core.store.records import Identity
from roar_core.store.rules import LineageRules
from roar_core.store.settle import settle_again
from roar_core.store.text import decode_text, encode_text, unsigned
from roar_core.store.write_artifacts import ensure_artifacts

Direction = Literal["input", "output"]
_EDGE_TABLES = {"input": "job_input", "output": "job_output"}


class PendingDigest(NamedTuple):
    """One edge without a digest; the file's bytes are those the job saw as long as its identity is this one."""

    job_id: int
    path_id: int
    direction: Direction
    path: str
    identity: Identity


class Resolution(NamedTuple):
    """What became of a pending digest: digests, or the reason why there will never be any."""

    pending: PendingDigest
    digests: Mapping[str, bytes]
    reason: str | None = None

    @property
    def size(self) -> int:
        """Returns the size of the content, in bytes."""
        return self.pending.identity.size


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
    connection: sqlite3.Connection,
    resolutions: Iterable[Resolution],
    rules: LineageRules,
    busy_seconds: float,
) -> None:
    """Settles pending digests, and where the files come from as far as they bear on it.

    One that was settled by another process meanwhile is left as it is.
    """
    write_in_chunks(connection, resolutions, partial(_resolve_chunk, connection, rules), busy_seconds)


def _resolve_chunk(connection: sqlite3.Connection, rules: LineageRules, chunk: list[Resolution]) -> None:
    resolved = [resolution.pending for resolution in chunk if _resolve(connection, resolution)]
    settle_again(connection, [(pending.job_id, pending.path_id) for pending in resolved], rules)


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
    if artifact is not None and pending.direction == "input":
        note_contents(connection, [(artifact, pending.path_id)])
    return True
