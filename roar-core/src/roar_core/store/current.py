"""What the current DAG needs of the database: never every edge, since a job may have a million.

An input is *touched* if its path has a version newer than the read. Most are not: what is to be known of those is who
made them, and that is asked by job, from an index alone.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from itertools import islice
from typing import NamedTuple

from roar_core.store.batches import insert_numbers, rows_where_in
from roar_core.store.readers import inputs_at
from roar_core.store.text import decode_text


@cache  # asked for several times while ten thousand jobs are drawn
def _parse_argv(argv_json: str) -> tuple[str, ...]:
    return tuple(json.loads(argv_json))


def commands_of(jobs: Iterable[RecordedJob]) -> list[list[str]]:
    """Returns the command of each job, for a quarter of what it costs to ask one job after the other."""
    commands: list[list[str]] = json.loads(f"[{','.join([job.argv_json for job in jobs])}]")
    return commands


class RecordedSession(NamedTuple):
    """A session."""

    session_id: int
    uid: str
    started_ns: int


class RecordedJob(NamedTuple):
    """A visible job. (A tuple, since ten thousand of them have to be made at once.)

    `ok`: the command ended with status 0.
    """

    job_id: int
    uid: str
    session_id: int
    kind: str
    step: int
    name: str | None
    status: str
    started_ns: int
    program: str
    argv_json: str
    ok: bool

    @property
    def argv(self) -> tuple[str, ...]:
        """Returns the command."""
        return _parse_argv(self.argv_json)


class RecordedInput(NamedTuple):
    """A file that a job read. `artifact_id` is None where its content is not known."""

    job_id: int
    path_id: int
    artifact_id: int | None
    role: str
    first_read_ns: int
    origin: str
    producer_id: int | None


class ContentRead(NamedTuple):
    """A content as it was read at a path, by however many jobs. `blake3`: its digest, where it has that one."""

    path_id: int
    artifact_id: int
    path: str
    blake3: bytes | None


class Version(NamedTuple):
    """A path as a job left it."""

    path_id: int
    written_ns: int
    job_id: int
    artifact_id: int | None


_INPUT_COLUMNS = "job_id, path_id, artifact_id, role, first_read_ns, origin, producer_id"


class CurrentTables:
    """Reads what bears on what is true now."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def active_session(self) -> RecordedSession | None:
        """Returns the session that is being recorded to."""
        row = self._connection.execute(
            "SELECT id, uid, started_ns FROM session WHERE ended_ns IS NULL ORDER BY id DESC LIMIT 1"
        ).fetchone()
        return RecordedSession(*row) if row else None

    def jobs(self) -> list[RecordedJob]:
        """Returns every visible job, in time order."""
        rows = self._connection.execute(
            "SELECT id, uid, session_id, kind, step, name, status, started_ns, program, argv, status = 'ok'"
            " FROM job WHERE visible = 1 ORDER BY started_ns, id"
        )
        return list(map(RecordedJob._make, rows))

    def makers(self) -> list[tuple[int, int, int]]:
        """Returns (producer, reader, number of files) for each two jobs that a file connects."""
        return self._connection.execute(
            "SELECT producer_id, job_id, count(*) FROM job_input WHERE producer_id IS NOT NULL"
            " GROUP BY producer_id, job_id"
        ).fetchall()

    def touched_inputs(self, first_job: int) -> list[RecordedInput]:
        """Returns the inputs whose path has a version that is newer than the read.

        Those of jobs that were recorded before `first_job` are left out.
        """
        inputs = inputs_at("path_id IN (SELECT path_id FROM changed_path WHERE overtaken_job_id >= :first)")
        rows = self._connection.execute(
            f"SELECT {_INPUT_COLUMNS} FROM {inputs} AS read WHERE job_id >= :first AND first_read_ns <"
            " (SELECT max(written_ns) FROM job_output WHERE job_output.path_id = read.path_id)",
            {"first": first_job},
        )
        return list(map(RecordedInput._make, rows))

    def unknown_inputs(self) -> list[RecordedInput]:
        """Returns the inputs of which it is not known what they held, or whether the last writer left just that."""
        rows = self._connection.execute(
            f"SELECT {_INPUT_COLUMNS} FROM job_input WHERE (artifact_id IS NULL OR origin = 'unknown') AND (artifact_id"
            " IS NULL OR path_id IN (SELECT path_id FROM job_output WHERE artifact_id IS NULL AND fate = 'present'))"
        )
        return list(map(RecordedInput._make, rows))

    def contents_read(self, jobs: Collection[int], limit: int) -> tuple[list[ContentRead], bool]:
        """Returns up to `limit` contents that these jobs read, the newest jobs' first, and whether these are all."""
        self._choose(jobs)
        (number,) = self._connection.execute(
            f"SELECT count(*) FROM ({self._contents('')})", (limit + 1,)
        ).fetchone()
        # Of a job with a million inputs no more than of the others.
        share = max(1, limit // max(1, len(jobs)))
        first = f" AND path_id IN (SELECT path_id FROM job_input WHERE job_id = one LIMIT {share})"
        contents = self._contents(first if number > limit else "")
        rows = self._connection.execute(
            f"SELECT path_id, read.artifact_id, text, value FROM ({contents}) AS read CROSS JOIN path"
            " ON path.id = path_id LEFT JOIN digest ON digest.artifact_id = read.artifact_id AND algorithm = 'blake3'",
            (limit,),
        )
        found = [ContentRead(path, content, decode_text(text), value) for path, content, text, value in rows]
        return found, number <= limit

    def _contents(self, condition: str) -> str:
        return (
            "SELECT DISTINCT path_id, artifact_id FROM (SELECT job AS one FROM chosen ORDER BY job DESC)"
            f" CROSS JOIN job_input ON job_id = one{condition} WHERE artifact_id IS NOT NULL LIMIT ?"
        )

    def inputs_with(
        self, contents: Collection[ContentRead], jobs: Collection[int], limit: int
    ) -> list[RecordedInput]:
        """Returns up to `limit` inputs (-1: all) by which these jobs read one of these contents."""
        if not contents:
            return []
        self._choose(jobs)
        self._look_at(content.path_id for content in contents)
        rows = self._connection.execute(
            f"SELECT {_INPUT_COLUMNS} FROM {inputs_at('path_id IN (SELECT path FROM looked_at)')}"
            " WHERE job_id IN chosen"
        )
        wanted = {(content.path_id, content.artifact_id) for content in contents}
        found = (
            read for read in map(RecordedInput._make, rows) if (read.path_id, read.artifact_id) in wanted
        )
        return list(islice(found, limit if limit >= 0 else None))

    def last_versions_between(self, producer_id: int, job_id: int) -> Iterator[Version]:
        """Gives the last version of each path at which a job read what one other job made."""
        rows = self._connection.execute(
            "SELECT last.path_id, last.written_ns, last.job_id, last.artifact_id"
            " FROM job_input CROSS JOIN job_output AS last"
            " ON last.path_id = job_input.path_id AND (last.written_ns, last.job_id) ="
            "  (SELECT written_ns, job_id FROM job_output WHERE path_id = last.path_id AND fate = 'present'"
            "   ORDER BY written_ns DESC, job_id DESC LIMIT 1)"
            " WHERE producer_id = ? AND job_input.job_id = ?",
            (producer_id, job_id),
        )
        return map(Version._make, rows)

    def rewritten_paths(self, first_job: int) -> list[tuple[int, str]]:
        """Returns the paths that several jobs wrote, and which did, as numbers with spaces between.

        Jobs that were recorded before `first_job` are left out.
        """
        return self._connection.execute(
            "SELECT changed_path.path_id, group_concat(job_id, ' ') FROM changed_path CROSS JOIN job_output"
            " ON job_output.path_id = changed_path.path_id WHERE overtaken_job_id >= :first AND job_id >= :first"
            " GROUP BY changed_path.path_id HAVING count(*) > 1",
            {"first": first_job},
        ).fetchall()

    def versions_at(self, paths: Iterable[int], first_job: int) -> list[Version]:
        """Returns the versions of these paths, each path's in time order.

        Jobs that were recorded before `first_job` are left out.
        """
        self._look_at(paths)
        rows = self._connection.execute(
            "SELECT path_id, written_ns, job_id, artifact_id FROM looked_at CROSS JOIN job_output ON path_id = path"
            " WHERE fate = 'present' AND job_id >= ? ORDER BY path_id, written_ns, job_id",
            (first_job,),
        )
        return list(map(Version._make, rows))

    def wholly_overwritten(self, jobs: Iterable[int]) -> set[int]:
        """Returns those of the jobs all of whose versions later successful jobs of other steps overwrote."""
        self._choose(jobs)
        own = "FROM job_output AS own WHERE own.job_id = writer.id AND own.fate = 'present'"
        later = (
            "SELECT 1 FROM job_output AS later CROSS JOIN job ON job.id = later.job_id"
            " WHERE later.path_id = own.path_id AND later.fate = 'present' AND job.visible = 1 AND job.status = 'ok'"
            " AND (later.written_ns, later.job_id) > (own.written_ns, own.job_id)"
            " AND (job.session_id, job.kind, job.step) != (writer.session_id, writer.kind, writer.step)"
        )
        rows = self._connection.execute(
            "SELECT chosen.job FROM chosen CROSS JOIN job AS writer ON writer.id = chosen.job"
            f" WHERE EXISTS (SELECT 1 {own}) AND NOT EXISTS (SELECT 1 {own} AND NOT EXISTS ({later}))"
        )
        return {job for (job,) in rows}

    def has_known_input(self, job_id: int, path_id: int) -> bool:
        """Returns whether a job read a path, of which it is known what it held."""
        row = self._connection.execute(
            "SELECT 1 FROM job_input WHERE job_id = ? AND path_id = ? AND artifact_id IS NOT NULL AND role = 'data'",
            (job_id, path_id),
        ).fetchone()
        return row is not None

    def paths(self, path_ids: Iterable[int]) -> dict[int, str]:
        """Returns the text of paths by id."""
        found = {}
        for path_id in set(path_ids):
            (text,) = self._connection.execute("SELECT text FROM path WHERE id = ?", (path_id,)).fetchone()
            found[path_id] = decode_text(text)
        return found

    def sizes(self, artifact_ids: Iterable[int]) -> dict[int, int | None]:
        """Returns the size in bytes of artifacts by id."""
        execute = self._connection.execute
        return {
            artifact_id: execute("SELECT size FROM artifact WHERE id = ?", (artifact_id,)).fetchone()[0]
            for artifact_id in set(artifact_ids)
        }

    def digests(self, artifact_ids: Iterable[int]) -> dict[int, str]:
        """Returns one digest of each artifact as `algorithm:hex`, BLAKE3 where it has one."""
        found = {}
        for artifact_id in set(artifact_ids):
            algorithm, value = self._connection.execute(
                "SELECT algorithm, value FROM digest WHERE artifact_id = ? ORDER BY algorithm != 'blake3', algorithm",
                (artifact_id,),
            ).fetchone()
            found[artifact_id] = f"{algorithm}:{value.hex()}"
        return found

    def artifacts_of(self, algorithm: str, values: Collection[bytes]) -> dict[bytes, int]:
        """Returns the artifacts that have these digests, by digest."""
        select = "SELECT value, artifact_id FROM digest WHERE algorithm = ? AND value IN"
        return dict(rows_where_in(self._connection, select, (algorithm,), sorted(values)))

    def algorithms(self) -> list[str]:
        """Returns the algorithms that contents were recorded with, BLAKE3 first."""
        names: list[str] = []
        name: str | None = ""
        while name is not None:  # from one to the next in the index, however many digests there are
            query = "SELECT min(algorithm) FROM digest WHERE algorithm > ?"
            (name,) = self._connection.execute(query, (name,)).fetchone()
            names += [name] if name is not None else []
        return sorted(names, key=lambda algorithm: (algorithm != "blake3", algorithm))

    def _look_at(self, paths: Iterable[int]) -> None:
        self._connection.execute("CREATE TEMP TABLE IF NOT EXISTS looked_at (path INTEGER PRIMARY KEY)")
        self._connection.execute("DELETE FROM looked_at")
        insert_numbers(self._connection, "INSERT OR IGNORE INTO looked_at", paths)

    def _choose(self, jobs: Iterable[int]) -> None:
        self._connection.execute("CREATE TEMP TABLE IF NOT EXISTS chosen (job INTEGER PRIMARY KEY)")
        self._connection.execute("DELETE FROM chosen")
        insert_numbers(self._connection, "INSERT INTO chosen", jobs)
