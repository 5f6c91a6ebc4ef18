"""The questions that steps and producers ask of the database."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from roar_core.store import producers
from roar_core.store.text import encode_text


class StepCandidate(NamedTuple):
    """A recorded job as the rules about steps see it. `step` is None for a job that has none yet."""

    job_id: int
    session_id: int
    kind: str
    step: int | None
    name: str | None
    program: str
    argv: tuple[str, ...]
    cwd: str
    started_ns: int


_CANDIDATE = "SELECT job.id, session_id, kind, step, name, program, argv, cwd, started_ns FROM job"
_RECREATED = "fate = 'present' AND write_kind IN ('created', 'truncated', 'replaced')"


class LineageTables:
    """Reads and writes lineage through a connection whose transaction belongs to the caller; never commits."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def project_root(self) -> str:
        """Returns the folder that holds `.roar`, by where the database lies (`/` for one in memory)."""
        file = self.connection.execute(
            "SELECT CAST(file AS BLOB) FROM pragma_database_list WHERE name = 'main'"  # it may not be UTF-8
        ).fetchone()[0]
        return os.path.dirname(os.path.dirname(os.path.realpath(os.fsdecode(file)))) if file else "/"

    def candidate(self, job_id: int) -> StepCandidate:
        """Returns one job."""
        return _candidate(self.connection.execute(f"{_CANDIDATE} WHERE id = ?", (job_id,)).fetchone())

    def highest_step(self, job: StepCandidate) -> int:
        """Returns the highest step number in the session, 0 where there is none. Builds are counted apart."""
        row = self.connection.execute(
            "SELECT max(step) FROM job WHERE session_id = ? AND (kind = 'build') = ?",
            (job.session_id, job.kind == "build"),
        ).fetchone()
        return row[0] or 0

    def jobs_named(self, job: StepCandidate) -> Iterator[StepCandidate]:
        """Gives the visible jobs of the same session, kind and name, latest first."""
        return self._earlier("name = ?", job, job.name)

    def jobs_of_program(self, job: StepCandidate, arguments: tuple[str, ...]) -> Iterator[StepCandidate]:
        """Gives the unnamed visible jobs of the same session, kind, program and folder, latest first.

        Only those whose argv ends with `arguments`.
        """
        ending = json.dumps(arguments)[1:]
        same = "name IS NULL AND program = ? AND cwd = ? AND substr(argv, -?) = ?"
        return self._earlier(same, job, job.program, job.cwd, len(ending), ending)

    def jobs_recreated_by(self, job: StepCandidate) -> Iterator[StepCandidate]:
        """Gives the unnamed jobs of the same program that created a path which `job` created again, latest first."""
        created = f"SELECT path_id FROM job_output WHERE job_id = ? AND {_RECREATED}"
        makers = f"SELECT job_id FROM job_output WHERE path_id IN ({created}) AND {_RECREATED}"
        return self._earlier(
            f"name IS NULL AND program = ? AND id IN ({makers})", job, job.program, job.job_id
        )

    def _earlier(self, condition: str, job: StepCandidate, *values: object) -> Iterator[StepCandidate]:
        rows = self.connection.execute(
            f"{_CANDIDATE} WHERE session_id = ? AND kind = ? AND visible = 1 AND id != ? AND step IS NOT NULL"
            f" AND {condition} ORDER BY started_ns DESC, id DESC",
            (job.session_id, job.kind, job.job_id, *values),
        )
        return map(_candidate, rows)

    def outputs_among(self, job_id: int, paths: Iterable[str]) -> frozenset[str]:
        """Returns those of `paths` that the job wrote."""
        found = []
        for path in paths:
            row = self.connection.execute(
                "SELECT 1 FROM path JOIN job_output ON path_id = path.id"
                " WHERE text = ? AND job_id = ? AND fate = 'present'",
                (encode_text(path), job_id),
            ).fetchone()
            if row:
                found.append(path)
        return frozenset(found)

    def settle(self, job_id: int) -> None:
        """Settles origin and producer of each input of a job."""
        producers.settle_job(self.connection, job_id)

    def settle_part(self, job_id: int, first_path_id: int, last_path_id: int) -> None:
        """Settles origin and producer of those inputs of a job whose paths have these numbers, both ends included.

        What becomes visible between the parts is made good by `settle_readers` of those jobs, once this one is visible.
        """
        producers.settle_job(self.connection, job_id, first_path_id, last_path_id)

    def settle_readers(self, job_id: int) -> None:
        """Settles those inputs of other visible jobs again that what this job read or wrote has a bearing on."""
        producers.settle_readers(self.connection, job_id)


def _candidate(row: tuple[int, int, str, int | None, str | None, str, str, str, int]) -> StepCandidate:
    job_id, session_id, kind, step, name, program, argv, cwd, started_ns = row
    return StepCandidate(
        job_id, session_id, kind, step, name, program, tuple(json.loads(argv)), cwd, started_ns
    )
