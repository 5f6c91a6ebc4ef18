"""Whether anything waits to be taken in; asked by every command, so it imports next to nothing."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from roar_core.errors import StoreError
from roar_core.store.counts import count_pending
from roar_core.store.spool import SpoolEntry, has_anything, list_entries

if TYPE_CHECKING:
    from roar_core.config import Environment
    from roar_core.project import Project
    from roar_core.store.store import Store


ENTRIES = "%"  # below the project's own path, so that it can't be mistaken for a project inside the project


class SpoolElsewhere(NamedTuple):
    """A spool outside the project that it is for."""

    spool: Path


def spool_elsewhere(project: Project, environment: Environment) -> SpoolElsewhere | None:
    """Returns the spool for runs of a project that could not be written."""
    if environment.state_home is None:
        return None
    return SpoolElsewhere(Path(environment.state_home, "roar", "spool", *project.root.parts[1:], ENTRIES))


def waiting_entries(project: Project, environment: Environment) -> tuple[SpoolEntry, ...]:
    """Returns the entries of both spools, of runs that go on and of runs that wait."""
    elsewhere = spool_elsewhere(project, environment)
    entries = list_entries(project)
    if elsewhere is not None:
        with suppress(StoreError):  # a home folder that can't be looked into: nothing was put there either
            entries += list_entries(elsewhere)
    return entries


def something_waits(project: Project, environment: Environment, store: Store) -> bool:
    """Returns whether there is a spool entry, or what a killed process left of one, or a digest that was put off."""
    spools = (project, spool_elsewhere(project, environment))
    return any(spool is not None and has_anything(spool) for spool in spools) or (
        count_pending(store.connection) > 0
    )
