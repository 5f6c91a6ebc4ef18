"""What a job rests on: who made what it read, and what nobody made."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from roar_core.store.edges import parse_digests
from roar_core.store.readers import inputs_at, inputs_of_content
from roar_core.store.text import decode_text, encode_text

_CONTINUED = "write_kind IN ('modified', 'appended')"


class Made(NamedTuple):
    """A version of a path that a job left; `continued`: it wrote on what was there, and need not have read it."""

    job_id: int
    path_id: int
    written_ns: int
    continued: bool


class Found(NamedTuple):
    """A path and the content it had when it was last met. `made` is None where no recorded job made it."""

    path_id: int
    path: str
    artifact_id: int | None
    made: Made | None


class RootEdge(NamedTuple):
    """A file that a job read and no recorded job made. `digests` by algorithm; empty: not known, see `reason`."""

    job_id: int
    path: str
    digests: dict[str, str]
    size: int | None
    kind: str
    origin: str
    reason: str | None


class AncestryTables:
    """Asks for the makers of jobs and files."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def last_at(self, path: str) -> Found | None:
        """Returns what was last met at a recorded path; None where no job met it."""
        at_path = "path_id = (SELECT id FROM path WHERE text = :value)"
        return self._last(at_path, inputs_at(at_path), encode_text(path))

    def last_with(self, artifact_id: int) -> Found | None:
        """Returns where a content was last left by a job, or last read where none made it."""
        condition, inputs = "artifact_id = :value", inputs_of_content(":value")
        made = self._last(condition, inputs, artifact_id, tables=("output",))
        return made or self._last(condition, inputs, artifact_id)

    def _last(
        self, condition: str, inputs: str, value: object, tables: tuple[str, ...] = ("output", "input")
    ) -> Found | None:
        """Returns the last edge under a condition; `inputs`: a subquery for those that may meet it."""
        queries = {
            "output": "SELECT written_ns AS at_ns, 1 AS wrote, job_id, path_id, artifact_id, job_id AS maker"
            f" FROM job_output WHERE fate = 'present' AND {condition}",
            "input": "SELECT first_read_ns, 0, job_id, path_id, artifact_id, producer_id"
            f" FROM {inputs} WHERE {condition}",
        }
        row = self._connection.execute(
            f"SELECT path.id, text, artifact_id, maker, wrote FROM ({' UNION ALL '.join(queries[t] for t in tables)})"
            " JOIN path ON path.id = path_id JOIN job ON job.id = job_id WHERE visible = 1"
            " ORDER BY at_ns DESC, wrote DESC, job_id DESC LIMIT 1",
            {"value": value},
        ).fetchone()
        if row is None:
            return None
        path_id, text, artifact_id, maker, wrote = row
        made = None
        if maker is not None:  # of a copy it is the maker of its source, which had another path
            made = self.version(maker, path_id) or (None if wrote else Made(maker, path_id, 0, False))
        return Found(path_id, decode_text(text), artifact_id, made)

    def version(self, job_id: int, path_id: int) -> Made | None:
        """Returns the version of a path that a job left; None where it left none."""
        row = self._connection.execute(
            f"SELECT job_id, path_id, written_ns, {_CONTINUED} FROM job_output WHERE job_id = ? AND path_id = ?",
            (job_id, path_id),
        ).fetchone()
        return _made(*row) if row else None

    def version_before(self, later: Made) -> Made | None:
        """Returns the version of the same path that was there before a version."""
        row = self._connection.execute(
            f"SELECT job_id, path_id, written_ns, {_CONTINUED} FROM job_output WHERE path_id = ? AND fate = 'present'"
            " AND (written_ns, job_id) < (?, ?) ORDER BY written_ns DESC, job_id DESC LIMIT 1",
            (later.path_id, later.written_ns, later.job_id),
        ).fetchone()
        return _made(*row) if row else None

    def continued_versions(self, job_id: int) -> list[Made]:
        """Returns what a job left by writing on what was there."""
        rows = self._connection.execute(
            f"SELECT job_id, path_id, written_ns FROM job_output WHERE job_id = ? AND {_CONTINUED}"
            " AND fate = 'present'",
            (job_id,),
        )
        return [Made(job, path_id, written_ns, True) for job, path_id, written_ns in rows]

    def makers(self, job_id: int) -> list[int]:
        """Returns the jobs that made what a job read."""
        rows = self._connection.execute(
            "SELECT DISTINCT producer_id FROM job_input WHERE job_id = ? AND producer_id IS NOT NULL",
            (job_id,),
        )
        return [producer for (producer,) in rows]

    def has_read(self, job_id: int, version: Made) -> bool:
        """Returns whether a job read a version."""
        row = self._connection.execute(
            "SELECT 1 FROM job_input WHERE job_id = ? AND path_id = ? AND producer_id = ?",
            (job_id, version.path_id, version.job_id),
        ).fetchone()
        return row is not None

    def roots(self, job_id: int) -> Iterator[RootEdge]:
        """Gives the data that a job read and that no recorded job made, in the order of the reads."""
        return self._roots("job_input", "job_id = ? AND role = 'data' AND producer_id IS NULL", job_id)

    def reads_of(self, found: Found) -> Iterator[RootEdge]:
        """Gives the reads of a file that no recorded job made, oldest first."""
        condition = "artifact_id IS ? AND producer_id IS NULL"
        return self._roots(inputs_at("path_id = ?"), condition, found.path_id, found.artifact_id)

    def _roots(self, inputs: str, condition: str, *values: object) -> Iterator[RootEdge]:
        rows = self._connection.execute(
            "SELECT job_id, text, (SELECT group_concat(algorithm || ':' || lower(hex(value)), ' ') FROM digest"
            " WHERE digest.artifact_id = read.artifact_id), size, coalesce(artifact.kind, 'file'),"
            " coalesce(origin, 'unknown'), reason"
            f" FROM (SELECT * FROM {inputs} WHERE {condition}) AS read JOIN path ON path.id = path_id"
            " LEFT JOIN artifact ON artifact.id = artifact_id JOIN job ON job.id = job_id WHERE visible = 1"
            " ORDER BY first_read_ns, path_id",
            values,
        )
        for job, text, digests, size, kind, origin, reason in rows:
            yield RootEdge(job, decode_text(text), parse_digests(digests), size, kind, origin, reason)


def _made(job_id: int, path_id: int, written_ns: int, continued: int) -> Made:
    return Made(job_id, path_id, written_ns, bool(continued))
