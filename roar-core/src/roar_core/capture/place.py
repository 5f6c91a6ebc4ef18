"""Where a run keeps what it knows until it is in the database: its spool entry, or the next best that can be had.

A project on a full disk or a read-only mount can't take the entry. Then it is made below the user's state folder, named
after the project, and the next command that finds the project writable takes it in. Where even that fails the command
runs all the same, unobserved and unrecorded, and roar says so before it starts.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from roar_core.capture.header import RunHeader
from roar_core.capture.waiting import spool_elsewhere
from roar_core.errors import StoreError
from roar_core.store.spool import SpoolEntry, create_entry, release, remove_entry

if TYPE_CHECKING:
    from roar_core.capture.surroundings import Warn
    from roar_core.config import Environment
    from roar_core.project import Project

ROOM_BYTES = 16 << 20  # the report of 50,000 files


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


def make_place(project: Project, environment: Environment, header: RunHeader, warn: Warn) -> RunPlace:
    """Returns a place for the run: in the project, else in the user's state folder, else nowhere.

    A place with next to no room left is the last choice: the report would not fit.
    """
    fields = header._asdict()
    problem: StoreError | None = None
    if _has_room(project.directory):
        try:
            return _place(create_entry(project, header.uid, fields))
        except StoreError as error:
            problem = error
    entry = entry_elsewhere(project, environment, fields)
    if entry is not None:
        return _place(entry)
    try:
        if problem is None:
            return _place(create_entry(project, header.uid, fields))
    except StoreError as error:
        problem = error
    if problem is not None:
        warn(f"{problem.message}; what this run reads and writes will not be known", problem.hint)
    return RunPlace(None, header.uid)


def entry_elsewhere(
    project: Project, environment: Environment, header: Mapping[str, object]
) -> SpoolEntry | None:
    """Returns an entry in the user's state folder, or None where there can't be one."""
    elsewhere = spool_elsewhere(project, environment)
    if elsewhere is not None:
        with suppress(OSError, StoreError):
            elsewhere.spool.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _has_room(elsewhere.spool):
                return create_entry(elsewhere, str(header["uid"]), header)
    return None


def _place(entry: SpoolEntry) -> RunPlace:
    return RunPlace(entry, entry.uid)


def _has_room(folder: Path) -> bool:
    room = os.statvfs(folder)
    return room.f_bavail * room.f_frsize >= ROOM_BYTES
