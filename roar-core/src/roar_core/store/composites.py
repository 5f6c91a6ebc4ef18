"""Composites as commands show them: of what they consist, which jobs met them, what is part of which."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from roar_core.store.edges import parse_digests
from roar_core.store.paths import PathEvent
from roar_core.store.text import decode_text, encode_text

MOST_PARTS = 100
_DIGESTS = (
    "(SELECT group_concat(algorithm || ':' || lower(hex(value)), ' ') FROM digest WHERE artifact_id = {id})"
)


class CompositeRow(NamedTuple):
    """A composite. `components`: files, and composites within it, each of which counts once; `files`: all files."""

    artifact_id: int
    format: str
    files: int
    components: int


class ComponentRow(NamedTuple):
    """A file of a composite, or a composite within it, by its path from the composite's folder."""

    path: str
    digests: dict[str, str]
    size: int | None
    kind: str


class FoldedFiles(NamedTuple):
    """Files of a job that are one composite: `files` of its `of_files`. `direction`: `input` or `output`."""

    path: str
    direction: str
    digests: dict[str, str]
    size: int | None
    format: str
    files: int
    of_files: int


def get_composite(connection: sqlite3.Connection, artifact_id: int) -> CompositeRow | None:
    """Returns what a composite is; None for an artifact that is a file."""
    row = connection.execute(
        "SELECT artifact_id, format, files, (SELECT count(*) FROM component"
        " WHERE composite_id = composite.artifact_id)"
        " FROM composite WHERE artifact_id = ?",
        (artifact_id,),
    ).fetchone()
    return None if row is None else CompositeRow(*row)


def list_components(connection: sqlite3.Connection, artifact_id: int, limit: int) -> tuple[ComponentRow, ...]:
    """Returns the first components by path; `limit` -1: all."""
    rows = connection.execute(
        f"SELECT path, {_DIGESTS.format(id='component.artifact_id')}, size, kind FROM component"
        " JOIN artifact ON artifact.id = component.artifact_id WHERE composite_id = ? ORDER BY path LIMIT ?",
        (artifact_id, limit),
    )
    return tuple(ComponentRow(path, parse_digests(digests), size, kind) for path, digests, size, kind in rows)


def composites_with(connection: sqlite3.Connection, artifact_id: int) -> tuple[str, ...]:
    """Returns the digests of the composites that an artifact is a component of, oldest first; at most so many."""
    rows = connection.execute(
        "SELECT DISTINCT algorithm || ':' || lower(hex(value)) FROM component"
        " JOIN digest ON digest.artifact_id = composite_id WHERE component.artifact_id = ?"
        f" ORDER BY composite_id LIMIT {MOST_PARTS}",
        (artifact_id,),
    )
    return tuple(digest for (digest,) in rows)


def list_folded(connection: sqlite3.Connection, job_id: int) -> tuple[FoldedFiles, ...]:
    """Returns what a job's files are folded to, by direction and path; none that lies in another of them."""
    rows = connection.execute(
        f"SELECT text, direction, {_DIGESTS.format(id='job_composite.composite_id')}, size, format,"
        " job_composite.files, composite.files FROM job_composite JOIN path ON path.id = path_id"
        " JOIN composite ON composite.artifact_id = composite_id JOIN artifact ON artifact.id = composite_id"
        " WHERE job_id = ? AND NOT EXISTS (SELECT 1 FROM job_composite AS outside JOIN component"
        " ON component.composite_id = outside.composite_id WHERE outside.job_id = job_composite.job_id"
        " AND outside.direction = job_composite.direction AND component.artifact_id = job_composite.composite_id)"
        " ORDER BY direction, text",
        (job_id,),
    )
    return tuple(
        FoldedFiles(decode_text(path), direction, parse_digests(digests), *rest)
        for path, direction, digests, *rest in rows
    )


def list_composite_events(
    connection: sqlite3.Connection, path: str, limit: int = 100
) -> tuple[PathEvent, ...]:
    """Returns which jobs read or wrote a composite at a path, newest first; none where there never was one."""
    rows = connection.execute(
        "SELECT CASE direction WHEN 'input' THEN started_ns ELSE ended_ns END AS at_ns, uid,"
        " CASE direction WHEN 'input' THEN 'read' ELSE 'wrote' END AS did, composite_id"
        " FROM job_composite JOIN job ON job.id = job_id"
        " WHERE path_id = (SELECT id FROM path WHERE text = ?) AND visible = 1"
        " ORDER BY at_ns DESC, did DESC LIMIT ?",
        (encode_text(path), limit),
    )
    return tuple(PathEvent(*row) for row in rows)


def composite_edges(
    connection: sqlite3.Connection, artifact_id: int
) -> tuple[list[tuple[int, str | bytes, str]], list[tuple[int, str | bytes, str]]]:
    """Returns the reads and the writes of a composite as (time, path, uid), oldest first."""
    rows = connection.execute(
        "SELECT CASE direction WHEN 'input' THEN started_ns ELSE ended_ns END AS at_ns, text, uid, direction"
        " FROM job_composite JOIN path ON path.id = path_id JOIN job ON job.id = job_id"
        " WHERE composite_id = ? AND visible = 1 ORDER BY at_ns, job_id, path_id",
        (artifact_id,),
    ).fetchall()
    return (
        [(at_ns, text, uid) for at_ns, text, uid, direction in rows if direction == "input"],
        [(at_ns, text, uid) for at_ns, text, uid, direction in rows if direction == "output"],
    )
