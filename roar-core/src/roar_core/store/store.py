"""The open store of a project, as commands hold it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import TYPE_CHECKING

from roar_core.store.connection import BUSY_SECONDS, open_database
from roar_core.store.failures import translate, translated

if TYPE_CHECKING:
    from roar_core.project import Project
    from roar_core.store.jobs import JobRow
    from roar_core.store.pending import Resolution
    from roar_core.store.records import RunRecord
    from roar_core.store.rules import LineageRules
    from roar_core.store.write_run import Recorded


class Store:
    """A connection to the project's database. Leaving its context closes it and translates SQLite's errors."""

    def __init__(self, project: Project, *, busy_seconds: float = BUSY_SECONDS, create: bool = True) -> None:
        self.project = project
        self.busy_seconds = busy_seconds
        self.connection: sqlite3.Connection = open_database(project, busy_seconds=busy_seconds, create=create)

    def record_run(
        self, run: RunRecord, rules: LineageRules | None = None, *, fold_from: int | None = None
    ) -> Recorded:
        """Records a run; recording the same one again only finds it. The run's iterables are consumed once.

        `fold_from`: so many files make a folder a composite; None: nothing is folded.

        Raises a `StoreError` when it can't. Nothing of the run is visible then; write it to its spool entry instead.
        """
        from roar_core.store.rules import RecordedLineage
        from roar_core.store.write_run import write_run
        from roar_core.store.writer_host import require_writer_host

        directory = self.project.directory
        require_writer_host(directory)
        with translated(self.project.database):
            recorded = write_run(
                self.connection, directory, run, rules or RecordedLineage(), self.busy_seconds
            )
        if fold_from is not None:
            self._fold(recorded.job_id, fold_from)
        return recorded

    def resolve_pending(
        self,
        resolutions: Sequence[Resolution],
        rules: LineageRules | None = None,
        *,
        fold_from: int | None = None,
    ) -> None:
        """Settles digests that were put off, and what they mean for lineage. Raises a `StoreError` when it can't."""
        from roar_core.store.pending import resolve_pending
        from roar_core.store.rules import RecordedLineage
        from roar_core.store.writer_host import require_writer_host

        require_writer_host(self.project.directory)
        with translated(self.project.database):
            resolve_pending(self.connection, resolutions, rules or RecordedLineage(), self.busy_seconds)
        if fold_from is not None:
            for job_id in dict.fromkeys(resolution.pending.job_id for resolution in resolutions):
                self._fold(job_id, fold_from)

    def _fold(self, job_id: int, threshold: int) -> None:
        """Folds the files of a recorded job to composites. They are for the eye, so nothing fails for want of them."""
        from roar_core.store.counts import has_several_files

        with suppress(sqlite3.Error):
            if has_several_files(self.connection, job_id):
                from roar_core.lineage.folding import fold_job

                fold_job(self.connection, job_id, threshold, self.busy_seconds)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Yields the connection in a transaction that is on the disk when it is left, or was never there.

        Raises a `StoreError` when it can't be.
        """
        from roar_core.store.transactions import write_transaction
        from roar_core.store.writer_host import require_writer_host

        require_writer_host(self.project.directory)
        with (
            translated(self.project.database),
            write_transaction(self.connection, busy_seconds=self.busy_seconds, durable=True),
        ):
            yield self.connection

    def require_writable(self) -> None:
        """Does nothing where the database can be written now. Raises a `StoreError`."""
        with self.writing() as connection:
            connection.execute(
                "DELETE FROM job WHERE FALSE"
            )  # a transaction alone is granted to readers, too

    def remove_jobs(self, jobs: Sequence[JobRow]) -> None:
        """Takes jobs out of the record, and settles what others read of theirs. Raises a `StoreError` when it can't."""
        from roar_core.store.undone import remove_recorded

        with translated(self.project.database):
            remove_recorded(self.connection, self.project.directory, jobs, self.busy_seconds)

    def close(self) -> None:
        """Closes the connection; the last one to close tidies the WAL away."""
        self.connection.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
        if isinstance(error, sqlite3.Error):
            raise translate(error, self.project.database) from error
