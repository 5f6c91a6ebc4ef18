"""Artifacts by digest: where their content was met, who made it and who used it."""

from __future__ import annotations

import re
import sqlite3
from typing import NamedTuple

from roar_core.errors import AmbiguousReference, NotFound, UsageError
from roar_core.store.composites import composite_edges
from roar_core.store.edges import parse_digests
from roar_core.store.readers import inputs_of_content
from roar_core.store.text import decode_text

SHORTEST_PREFIX = 8
_REFERENCE = re.compile(r"(?:(?P<algorithm>[a-z0-9_-]+):)?(?P<digits>[0-9a-f]+)", re.IGNORECASE)


class ArtifactRow(NamedTuple):
    """One content. Paths in the order in which they were first met; uids of jobs, oldest first."""

    id: int
    kind: str
    size: int | None
    digests: dict[str, str]
    paths: tuple[str, ...]
    produced_by: tuple[str, ...]
    used_by: tuple[str, ...]


def find_artifact(connection: sqlite3.Connection, reference: str) -> ArtifactRow:
    """Returns the artifact with a digest that begins so: `a1b2c3d4…` or `blake3:a1b2c3d4…`, 8 digits at least.

    Raises `UsageError` (no digest), `NotFound`, `AmbiguousReference`.
    """
    match = _REFERENCE.fullmatch(reference)
    if match is None or len(match["digits"]) < SHORTEST_PREFIX:
        raise UsageError(
            f"not a digest of at least {SHORTEST_PREFIX} hexadecimal digits: `{reference}`", "roar log"
        )
    algorithms = [match["algorithm"].lower()] if match["algorithm"] else _algorithms(connection)
    found = sorted({row for name in algorithms for row in _match(connection, name, match["digits"].lower())})
    if not found:
        raise NotFound(f"no artifact with this digest: `{reference}`", "roar log")
    if len(found) > 1:
        raise AmbiguousReference(f"several digests begin so: `{reference}`", "give more of its digits")
    return get_artifact(connection, found[0])


def get_artifact(connection: sqlite3.Connection, artifact_id: int) -> ArtifactRow:
    """Returns an artifact by its id."""
    kind, size, digests = connection.execute(
        "SELECT kind, size, (SELECT group_concat(algorithm || ':' || lower(hex(value)), ' ') FROM digest"
        " WHERE artifact_id = artifact.id) FROM artifact WHERE id = ?",
        (artifact_id,),
    ).fetchone()
    if kind == "composite":
        used, made = composite_edges(connection, artifact_id)
    else:
        used = _edges(connection, inputs_of_content(":artifact"), "first_read_ns", artifact_id)
        made = _edges(connection, "job_output", "written_ns", artifact_id)
    paths = dict.fromkeys(decode_text(path) for _, path, _ in sorted(used + made, key=lambda edge: edge[0]))
    return ArtifactRow(
        artifact_id,
        kind,
        size,
        parse_digests(digests),
        tuple(paths),
        tuple(dict.fromkeys(uid for *_, uid in made)),
        tuple(dict.fromkeys(uid for *_, uid in used)),
    )


def _algorithms(connection: sqlite3.Connection) -> list[str]:
    """Returns the algorithms in use, by jumping from one to the next in the index."""
    names: list[str] = []
    name: str | None = ""
    while name is not None:
        (name,) = connection.execute(
            "SELECT min(algorithm) FROM digest WHERE algorithm > ?", (name,)
        ).fetchone()
        if name is not None:
            names.append(name)
    return names


def _match(connection: sqlite3.Connection, algorithm: str, digits: str) -> list[int]:
    """Returns up to two artifacts that a recorded job met and whose digest begins with `digits`."""
    even = len(digits) // 2 * 2
    low = bytes.fromhex(digits[:even])
    rows = connection.execute(
        "SELECT artifact_id FROM digest WHERE algorithm = ? AND value >= ? AND value < ?"
        " AND lower(hex(value)) LIKE ?"
        f" AND (EXISTS (SELECT 1 FROM {inputs_of_content('digest.artifact_id')} AS read JOIN job ON job.id = job_id"
        " WHERE read.artifact_id = digest.artifact_id AND visible = 1)"
        " OR EXISTS (SELECT 1 FROM job_output JOIN job ON job.id = job_id"
        " WHERE job_output.artifact_id = digest.artifact_id AND visible = 1)"
        " OR EXISTS (SELECT 1 FROM job_composite JOIN job ON job.id = job_id"
        " WHERE composite_id = digest.artifact_id AND visible = 1)"
        " OR EXISTS (SELECT 1 FROM label WHERE label.artifact_id = digest.artifact_id)) LIMIT 2",
        (algorithm, low, low + b"\xff" * 64, digits + "%"),
    )
    return [artifact for (artifact,) in rows]


def _edges(
    connection: sqlite3.Connection, table: str, time_column: str, artifact_id: int
) -> list[tuple[int, str | bytes, str]]:
    return connection.execute(
        f"SELECT {time_column}, path.text, job.uid FROM {table} JOIN path ON path.id = path_id"
        " JOIN job ON job.id = job_id WHERE artifact_id = :artifact AND visible = 1"
        f" ORDER BY {time_column}, job_id, path_id",
        {"artifact": artifact_id},
    ).fetchall()
