"""The rules of lineage as the write path asks them."""

from __future__ import annotations

import sqlite3


class RecordedLineage:
    """LINEAGE's rules over the tables of the database; imported only when a run is recorded."""

    def assign_step(self, connection: sqlite3.Connection, job_id: int, rerun_of: int | None) -> int:
        """Returns the number of the job's step."""
        from roar_core.lineage.steps import assign_step
        from roar_core.store.lineage import LineageTables

        return assign_step(LineageTables(connection), job_id, rerun_of=rerun_of)

    def settle_producers(self, connection: sqlite3.Connection, job_id: int) -> None:
        """Settles the producers of the job's inputs and of those who read its outputs."""
        from roar_core.lineage.producers import settle_producers
        from roar_core.store.lineage import LineageTables

        settle_producers(LineageTables(connection), job_id)
