"""What a job read and wrote, as commands show it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from roar_core.store.text import decode_text

# The first digest by strength stands for the artifact; `digests` has them all.
_DIGESTS = (
    "(SELECT group_concat(algorithm || ':' || lower(hex(value)), ' ') FROM digest WHERE artifact_id = {id})"
)


class InputRow(NamedTuple):
    """One file that a job read. `digests` are hexadecimal by algorithm; empty: not known, and `reason` says why."""

    path: str
    digests: dict[str, str]
    size: int | None
    kind: str
    reason: str | None
    role: str
    tracked_by_git: bool
    first_read_ns: int
    origin: str | None
    producer_uid: str | None
    previous_digests: Mapping[str, str] = MappingProxyType({})


class OutputRow(NamedTuple):
    """One file that a job wrote, as it left it. `digests` as for inputs."""

    path: str
    digests: dict[str, str]
    size: int | None
    kind: str
    reason: str | None
    written_ns: int
    write_kind: str
    created: bool | None
    fate: str
    shared: bool


def iterate_inputs(connection: sqlite3.Connection, job_id: int, limit: int = -1) -> Iterator[InputRow]:
    """Yields the inputs of a job, in the order of their first read; `limit` -1: all of them."""
    rows = connection.execute(
        f"SELECT path.text, {_DIGESTS.format(id='job_input.artifact_id')},"
        " coalesce(artifact.size, pending_digest.size), coalesce(artifact.kind, 'file'),"
        " reason, role, tracked_by_git, first_read_ns, origin, job.uid,"
        f" {_DIGESTS.format(id='job_input.previous_artifact_id')}"
        " FROM (SELECT * FROM job_input WHERE job_id = ? ORDER BY first_read_ns, path_id LIMIT ?) AS job_input"
        " JOIN path ON path.id = job_input.path_id"
        " LEFT JOIN artifact ON artifact.id = job_input.artifact_id LEFT JOIN job ON job.id = producer_id"
        " LEFT JOIN pending_digest ON pending_digest.job_id = job_input.job_id"
        " AND pending_digest.path_id = job_input.path_id AND direction = 'input'"
        " ORDER BY first_read_ns, job_input.path_id",
        (job_id, limit),
    )
    for path, digests, size, kind, reason, role, tracked, first_read_ns, origin, producer, previous in rows:
        yield InputRow(
            decode_text(path), parse_digests(digests), size, kind, _text(reason), role, bool(tracked), first_read_ns,
            origin, producer, parse_digests(previous),
        )  # fmt: skip


def iterate_outputs(connection: sqlite3.Connection, job_id: int, limit: int = -1) -> Iterator[OutputRow]:
    """Yields the outputs of a job, in the order of their last write; `limit` -1: all of them."""
    rows = connection.execute(
        f"SELECT path.text, {_DIGESTS.format(id='job_output.artifact_id')},"
        " coalesce(artifact.size, pending_digest.size), coalesce(artifact.kind, 'file'),"
        " reason, written_ns, write_kind, created, fate, shared"
        " FROM (SELECT * FROM job_output WHERE job_id = ? ORDER BY written_ns, path_id LIMIT ?) AS job_output"
        " JOIN path ON path.id = job_output.path_id"
        " LEFT JOIN artifact ON artifact.id = job_output.artifact_id"
        " LEFT JOIN pending_digest ON pending_digest.job_id = job_output.job_id"
        " AND pending_digest.path_id = job_output.path_id AND direction = 'output'"
        " ORDER BY written_ns, job_output.path_id",
        (job_id, limit),
    )
    for path, digests, size, kind, reason, written_ns, write_kind, created, fate, shared in rows:
        yield OutputRow(
            decode_text(path), parse_digests(digests), size, kind, _text(reason), written_ns, write_kind,
            None if created is None else bool(created), fate, bool(shared),
        )  # fmt: skip


def count_edges(connection: sqlite3.Connection, job_id: int) -> tuple[int, int]:
    """Returns how many inputs and outputs a job has."""
    inputs, outputs = connection.execute(
        "SELECT (SELECT count(*) FROM job_input WHERE job_id = ?),"
        " (SELECT count(*) FROM job_output WHERE job_id = ?)",
        (job_id, job_id),
    ).fetchone()
    return inputs, outputs


def parse_digests(text: str | None) -> dict[str, str]:
    """Returns digests by algorithm from how the queries join them, strongest first."""
    if not text:
        return {}
    if " " not in text:
        algorithm, _, value = text.partition(":")
        return {algorithm: value}
    found = dict(part.split(":", 1) for part in text.split(" "))
    return {name: found[name] for name in sorted(found, key=lambda name: (name != "blake3", name))}


def _text(value: str | bytes | None) -> str | None:
    return None if value is None else decode_text(value)
