"""In which files two jobs differ. Compared in the database: either may have a million."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from roar_core.store.ancestry import Made
from roar_core.store.edges import parse_digests
from roar_core.store.text import decode_text

MOST_UNPAIRED = 20_000

_DIGESTS = (
    "(SELECT group_concat(algorithm || ':' || lower(hex(value)), ' ') FROM digest WHERE artifact_id = {})"
)
_DIFFER = "(a.artifact_id IS NOT b.artifact_id OR a.artifact_id IS NULL)"
_BOTH_READ = (
    " FROM job_input AS a CROSS JOIN job_input AS b ON b.job_id = ? AND b.path_id = a.path_id"
    f" WHERE a.job_id = ? AND {_DIFFER}"
)


class MakerPair(NamedTuple):
    """Who made the files that two jobs read with different content, and how many there are of these makers."""

    a_maker: int
    b_maker: int
    files: int
    path: str


class DifferingFile(NamedTuple):
    """A file whose content differs. Digests by algorithm, empty where not known; origins of inputs."""

    path: str
    a_digests: dict[str, str]
    b_digests: dict[str, str]
    a_origin: str | None = None
    b_origin: str | None = None


class LoneFile(NamedTuple):
    """A file that only one of two jobs read, or wrote."""

    path: str
    artifact_id: int | None
    digests: dict[str, str]
    maker: int | None = None
    origin: str | None = None


class DifferenceTables:
    """Compares the files of jobs."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def makers_of_differing_inputs(self, a_job: int, b_job: int) -> list[MakerPair]:
        """Returns by whom was made what both read at the same paths with different content."""
        rows = self.connection.execute(
            "SELECT a_maker, b_maker, files, text FROM (SELECT a.producer_id AS a_maker, b.producer_id AS b_maker,"
            f" count(*) AS files, min(a.path_id) AS first{_BOTH_READ}"
            " AND a.producer_id IS NOT NULL AND b.producer_id IS NOT NULL GROUP BY a_maker, b_maker)"
            " JOIN path ON path.id = first",
            (b_job, a_job),
        )
        return [MakerPair(a, b, files, decode_text(path)) for a, b, files, path in rows]

    def differing_roots(self, a_job: int, b_job: int, limit: int) -> list[DifferingFile]:
        """Returns up to `limit` data files that both read with different content, and not both from a job."""
        return self._differing_inputs(a_job, b_job, "data", limit)

    def differing_code(self, a_job: int, b_job: int, limit: int) -> list[DifferingFile]:
        """Returns up to `limit` source files of which both read different versions, and not both from a job."""
        return self._differing_inputs(a_job, b_job, "code", limit)

    def _differing_inputs(self, a_job: int, b_job: int, role: str, limit: int) -> list[DifferingFile]:
        rows = self.connection.execute(
            f"SELECT text, {_DIGESTS.format('a_id')}, {_DIGESTS.format('b_id')}, a_origin, b_origin FROM ("
            "SELECT a.path_id AS path_id, a.artifact_id AS a_id, b.artifact_id AS b_id, a.origin AS a_origin,"
            f" b.origin AS b_origin{_BOTH_READ} AND a.role = ? AND (a.producer_id IS NULL OR b.producer_id IS NULL)"
            " LIMIT ?) JOIN path ON path.id = path_id ORDER BY text",
            (b_job, a_job, role, limit),
        )
        return [
            DifferingFile(decode_text(path), parse_digests(a), parse_digests(b), a_origin, b_origin)
            for path, a, b, a_origin, b_origin in rows
        ]

    def only_read_by(self, job: int, other: int, role: str) -> list[LoneFile]:
        """Returns the files (20,000 at most) that a job read and another did not."""
        return self._lone("job_input", "producer_id, origin", "AND lone.role = ?", job, other, role)

    def only_left_by(self, job: int, other: int) -> list[LoneFile]:
        """Returns the files (20,000 at most) that a job left and another did not."""
        return self._lone("job_output", "NULL, NULL", "AND lone.fate = 'present'", job, other)

    def _lone(
        self, table: str, columns: str, condition: str, job: int, other: int, *values: str
    ) -> list[LoneFile]:
        rows = self.connection.execute(
            f"SELECT text, artifact_id, {_DIGESTS.format('lone.artifact_id')}, {columns} FROM {table} AS lone"
            f" CROSS JOIN path ON path.id = path_id WHERE job_id = ? {condition} AND NOT EXISTS"
            f" (SELECT 1 FROM {table} AS theirs WHERE theirs.job_id = ? AND theirs.path_id = lone.path_id)"
            f" ORDER BY path_id LIMIT {MOST_UNPAIRED}",
            (job, *values, other),
        )
        return [
            LoneFile(decode_text(path), artifact_id, parse_digests(digests), maker, origin)
            for path, artifact_id, digests, maker, origin in rows
        ]

    def content_of(self, version: Made | None) -> tuple[int | None, dict[str, str]]:
        """Returns the artifact of a version, and its digests by algorithm."""
        row = None
        if version is not None:
            row = self.connection.execute(
                f"SELECT artifact_id, {_DIGESTS.format('job_output.artifact_id')} FROM job_output"
                " WHERE job_id = ? AND path_id = ?",
                (version.job_id, version.path_id),
            ).fetchone()
        return (row[0], parse_digests(row[1])) if row else (None, {})

    def path(self, path_id: int) -> str:
        """Returns the text of a path."""
        (text,) = self.connection.execute("SELECT text FROM path WHERE id = ?", (path_id,)).fetchone()
        return decode_text(text)

    def differing_outputs(self, a_job: int, b_job: int, limit: int) -> Iterator[DifferingFile]:
        """Gives up to `limit` files that both left with different content at the same path."""
        rows = self.connection.execute(
            f"SELECT text, {_DIGESTS.format('a_id')}, {_DIGESTS.format('b_id')} FROM ("
            "SELECT a.path_id AS path_id, a.artifact_id AS a_id, b.artifact_id AS b_id"
            " FROM job_output AS a CROSS JOIN job_output AS b ON b.job_id = ? AND b.path_id = a.path_id"
            f" WHERE a.job_id = ? AND (a.fate IS NOT b.fate OR a.fate = 'present' AND {_DIFFER}) LIMIT ?)"
            " JOIN path ON path.id = path_id ORDER BY text",
            (b_job, a_job, limit),
        )
        for path, a, b in rows:
            yield DifferingFile(decode_text(path), parse_digests(a), parse_digests(b))
