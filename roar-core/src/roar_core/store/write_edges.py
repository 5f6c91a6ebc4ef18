"""The files of a run written: paths, artifacts, inputs and outputs. Rows hold what is quick to bind (batches.py)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import count

from roar_core.store.batches import insert_rows, rows_where_in
from roar_core.store.records import PENDING, Identity, InputRecord, OutputRecord
from roar_core.store.text import encode_text, signed
from roar_core.store.write_artifacts import ensure_artifacts


def write_inputs(connection: sqlite3.Connection, job_id: int, inputs: Sequence[InputRecord]) -> None:
    """Writes one chunk of inputs. Of two with one path, the first counts."""
    paths = ensure_paths(connection, [record.path for record in inputs])
    artifacts = ensure_artifacts(connection, inputs)
    insert_rows(
        connection,
        "INSERT INTO job_input"
        " (job_id, path_id, artifact_id, reason, role, tracked_by_git, first_read_ns, removed, origin)",
        "(?, ?, ?, nullif(?, ''), ?, ?, ?, ?, ?)",
        (
            (
                *(job_id, path_id, artifact, "" if reason is None else encode_text(reason), role),
                *(1 if tracked else 0, read_ns, 1 if removed else 0),
                # settled later; what no job wrote stays so
                "unknown" if artifact is None else "git" if tracked else "root",
            )
            for (_, _, _, read_ns, role, reason, tracked, _, removed), path_id, artifact in zip(
                inputs, paths, artifacts, strict=True
            )
        ),
        "ON CONFLICT (job_id, path_id) DO NOTHING",
    )
    _write_pending(connection, job_id, "input", inputs, paths)


def write_outputs(connection: sqlite3.Connection, job_id: int, outputs: Sequence[OutputRecord]) -> None:
    """Writes one chunk of outputs. Of two with one path, the first counts."""
    paths = ensure_paths(connection, [record.path for record in outputs])
    artifacts = ensure_artifacts(connection, outputs)
    insert_rows(
        connection,
        "INSERT INTO job_output"
        " (job_id, path_id, artifact_id, reason, written_ns, write_kind, created, fate, shared)",
        "(?, ?, ?, nullif(?, ''), ?, ?, ?, ?, ?)",
        (
            (
                *(job_id, path, artifact, encode_text(record.reason or ""), record.written_ns),
                record.write_kind,
                None if record.created is None else int(record.created),
                *(record.fate, int(record.shared)),
            )
            for record, path, artifact in zip(outputs, paths, artifacts, strict=True)
        ),
        "ON CONFLICT (job_id, path_id) DO NOTHING",
    )
    _write_pending(connection, job_id, "output", outputs, paths)


def ensure_paths(connection: sqlite3.Connection, paths: Sequence[str]) -> list[int]:
    """Returns the id of each path, inside the caller's transaction."""
    if not paths:
        return []
    texts = [*map(encode_text, paths)]
    distinct = [*dict.fromkeys(texts)]
    # Where the first is new, most are: putting them in at once spares looking each of them up.
    ids = _find_paths(connection, distinct) if _find_paths(connection, distinct[:1]) else {}
    if len(ids) < len(distinct):
        (next_id,) = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM path").fetchone()
        new = dict(zip((text for text in distinct if text not in ids), count(next_id), strict=False))
        made = insert_rows(
            connection, "INSERT INTO path (text, id)", "(?, ?)", new.items(), "ON CONFLICT (text) DO NOTHING"
        )
        ids = ids | new if made == len(new) else _find_paths(connection, distinct)
    return [*map(ids.__getitem__, texts)]


def _find_paths(connection: sqlite3.Connection, texts: Sequence[str | bytes]) -> dict[str | bytes, int]:
    return dict(rows_where_in(connection, "SELECT text, id FROM path WHERE text IN", (), texts))


def _write_pending(
    connection: sqlite3.Connection,
    job_id: int,
    direction: str,
    records: Sequence[InputRecord | OutputRecord],
    paths: Sequence[int],
) -> None:
    rows = [
        (job_id, path, direction, *_identity_columns(record.identity))
        for record, path in zip(records, paths, strict=True)
        if record.reason == PENDING and record.identity is not None
    ]
    if rows:
        connection.executemany(
            "INSERT INTO pending_digest (job_id, path_id, direction, device, inode, size, mtime_ns, ctime_ns)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job_id, path_id, direction) DO NOTHING",
            rows,
        )


def _identity_columns(identity: Identity) -> tuple[int, int, int, int, int]:
    return (
        signed(identity.device),
        signed(identity.inode),
        identity.size,
        identity.mtime_ns,
        identity.ctime_ns,
    )
