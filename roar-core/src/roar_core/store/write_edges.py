"""The files of a run written: paths, artifacts, inputs and outputs. Rows hold what is quick to bind (batches.py)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from roar_core.store.batches import rows_where_in
from roar_core.store.records import PENDING, Identity, InputRecord, OutputRecord
from roar_core.store.text import encode_text, signed
from roar_core.store.write_artifacts import ensure_artifacts


def write_inputs(connection: sqlite3.Connection, job_id: int, inputs: Sequence[InputRecord]) -> None:
    """Writes one chunk of inputs. Of two with one path, the first counts."""
    paths = ensure_paths(connection, [record.path for record in inputs])
    artifacts = ensure_artifacts(connection, inputs)
    connection.executemany(
        "INSERT INTO job_input"
        " (job_id, path_id, artifact_id, reason, role, tracked_by_git, first_read_ns, removed, origin)"
        " VALUES (?, ?, ?, nullif(?, ''), ?, ?, ?, ?, ?) ON CONFLICT (job_id, path_id) DO NOTHING",
        [
            (
                job_id,
                path,
                artifact,
                encode_text(record.reason or ""),
                record.role,
                int(record.tracked_by_git),
                record.first_read_ns,
                int(record.removed),
                # settled later; what no job wrote stays so
                "unknown" if artifact is None else "git" if record.tracked_by_git else "root",
            )
            for record, path, artifact in zip(inputs, paths, artifacts, strict=True)
        ],
    )
    _write_pending(connection, job_id, "input", inputs, paths)


def write_outputs(connection: sqlite3.Connection, job_id: int, outputs: Sequence[OutputRecord]) -> None:
    """Writes one chunk of outputs. Of two with one path, the first counts."""
    paths = ensure_paths(connection, [record.path for record in outputs])
    artifacts = ensure_artifacts(connection, outputs)
    connection.executemany(
        "INSERT INTO job_output"
        " (job_id, path_id, artifact_id, reason, written_ns, write_kind, created, fate, shared)"
        " VALUES (?, ?, ?, nullif(?, ''), ?, ?, ?, ?, ?) ON CONFLICT (job_id, path_id) DO NOTHING",
        [
            (
                *(job_id, path, artifact, encode_text(record.reason or ""), record.written_ns),
                record.write_kind,
                None if record.created is None else int(record.created),
                *(record.fate, int(record.shared)),
            )
            for record, path, artifact in zip(outputs, paths, artifacts, strict=True)
        ],
    )
    _write_pending(connection, job_id, "output", outputs, paths)


def ensure_paths(connection: sqlite3.Connection, paths: Sequence[str]) -> list[int]:
    """Returns the id of each path, inside the caller's transaction."""
    if not paths:
        return []
    cursor = connection.cursor()
    texts = [encode_text(path) for path in paths]
    (next_id,) = cursor.execute("SELECT coalesce(max(id), 0) + 1 FROM path").fetchone()
    ids = {text: number for number, text in enumerate(dict.fromkeys(texts), next_id)}
    insert = "INSERT INTO path (text, id) VALUES (?, ?) ON CONFLICT (text) DO NOTHING"
    # Where the first is new, most are: putting them in at once spares looking each of them up.
    first = cursor.execute("SELECT id FROM path WHERE text = ?", texts[:1]).fetchone()
    if first or cursor.executemany(insert, ids.items()).rowcount < len(ids):
        find = "SELECT text, id FROM path WHERE text IN"
        found = dict(rows_where_in(connection, find, (), list(ids)))
        cursor.executemany(insert, [row for row in ids.items() if row[0] not in found])
        ids.update(found)
    return [ids[text] for text in texts]


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
