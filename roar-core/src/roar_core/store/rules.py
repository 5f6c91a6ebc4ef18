"""The rules of lineage as the write path asks them."""

from __future__ import annotations

import sqlite3
from typing import Protocol


class LineageRules(Protocol):
    """What the rules of lineage say of a job, asked inside write transactions."""

    def assign_step(self, connection: sqlite3.Connection, job_id: int, rerun_of: int | None) -> int:
        """Returns the number of the job's step; the job is not visible yet. `rerun_of`: it was started as this step."""

    def settle_part(
        self, connection: sqlite3.Connection, job_id: int, first_path_id: int, last_path_id: int
    ) -> None:
        """Settles where those inputs of a job come from whose paths have these numbers, both ends included."""

    def settle_readers(self, connection: sqlite3.Connection, job_id: int) -> None:
        """Settles those inputs of other visible jobs again on which this visible job has a bearing."""


class RecordedLineage:
    """LINEAGE's rules over the tables of the database; imported only when a run is recorded."""

    def assign_step(self, connection: sqlite3.Connection, job_id: int, rerun_of: int | None) -> int:
        """Returns the number of the job's step."""
        from roar_core.lineage.steps import assign_step
        from roar_core.store.lineage import LineageTables

        return assign_step(LineageTables(connection), job_id, rerun_of=rerun_of)

    def settle_part(
        self, connection: sqlite3.Connection, job_id: int, first_path_id: int, last_path_id: int
    ) -> None:
        """Settles a part of the job's inputs."""
        from roar_core.store.lineage import LineageTables

        LineageTables(connection).settle_part(job_id, first_path_id, last_path_id)

    def settle_readers(self, connection: sqlite3.Connection, job_id: int) -> None:
        """Settles the inputs of those who read what the job wrote."""
        from roar_core.store.lineage import LineageTables

        LineageTables(connection).settle_readers(job_id)
