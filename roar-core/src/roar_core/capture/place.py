"""Where a run keeps what it knows until it is in the database: its spool entry, or the next best that can be had.

A project on a full disk or a read-only mount can't take the entry. Then it is made below the user's state folder, named
after the project, and the next command that finds the project writable takes it in. Where even that fails the command
runs all the same, unobserved and unrecorded, and roar says so before it starts.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from roar_core.capture.header import RunHeader
from roar_core.capture.waiting import spool_elsewhere
from roar_core.errors import StoreError
from roar_core.store.spool import SpoolEntry, create_entry, release, remove_entry

if TYPE_CHECKING:
    from roar_core.config import Environment
    from roar_core.project import Project


class RunPlace(NamedTuple):
    """The files of one run. Without an entry nothing can be kept."""

    entry: SpoolEntry | None
    uid: str

    @property
    def can_observe(self) -> bool:
        """Returns whether there is room for a report."""
        return self.entry is not None

    @property
    def report(self) -> Path:
        """Returns where the tracer writes."""
        return self.entry.report if self.entry else Path(os.devnull)

    @property
    def facts(self) -> Path:
        """Returns where the surroundings of the job are kept for the case that roar is killed."""
        return self.entry.directory / "facts.json" if self.entry else Path(os.devnull)

    @property
    def lock(self) -> int | None:
        """Returns the descriptor that holds the entry's lock."""
        return self.entry.lock if self.entry else None

    def rewrite(self, header: RunHeader) -> None:
        """Replaces what is known before the start. Losing it costs only a killed run's tracer name."""
        if self.entry is not None:
            new = self.entry.directory / "run.json.new"
            with suppress(OSError):
                new.write_text(header.to_json())
                new.rename(self.entry.header)

    def release(self) -> None:
        """Leaves what is there to the next command."""
        if self.entry is not None:
            release(self.entry)

    def discard(self) -> None:
        """Removes all traces of a run that did not start."""
        if self.entry is not None:
            with suppress(StoreError):
                remove_entry(self.entry)


def make_place(
    project: Project, environment: Environment, header: RunHeader, warn: Callable[[str], None]
) -> RunPlace:
    """Returns a place for the run: in the project, else in the user's state folder, else nowhere."""
    try:
        entry = create_entry(project, header.uid, header._asdict())
        return RunPlace(entry, entry.uid)
    except StoreError as error:
        elsewhere = spool_elsewhere(project, environment)
        if elsewhere is not None:
            with suppress(OSError, StoreError):
                elsewhere.spool.mkdir(mode=0o700, parents=True, exist_ok=True)
                entry = create_entry(elsewhere, header.uid, header._asdict())
                warn(
                    f"{error.message}; this run is kept in `{entry.directory}` until the project can be written"
                )
                return RunPlace(entry, entry.uid)
        warn(f"{error.message}; this run will not be recorded")
        return RunPlace(None, header.uid)
