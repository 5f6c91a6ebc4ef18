"""What `.roar` holds, and how large it is."""

from __future__ import annotations

import os
import sqlite3
from typing import NamedTuple

from roar_core.project import Project
from roar_core.store.health import Health, check_health
from roar_core.store.kept import list_kept
from roar_core.store.spool import is_living, list_entries


class Stored(NamedTuple):
    """The database with its health; bytes that are kept; copies made by upgrades; runs that are not recorded yet."""

    health: Health
    kept_files: int
    kept_bytes: int
    backups: int
    backup_bytes: int
    running: int
    waiting: int


def look_at_stored(project: Project, connection: sqlite3.Connection, *, thorough: bool) -> Stored:
    """Returns what there is. Takes about a second for each 200 MB of the database, twice that if `thorough`."""
    kept = [file.size_bytes for file in list_kept(project.kept)]
    backups = [os.stat(path).st_size for path in project.directory.glob("roar.db.backup-*")]
    living = [is_living(entry) for entry in list_entries(project)]
    return Stored(
        check_health(connection, project.database, thorough=thorough),
        len(kept),
        sum(kept),
        len(backups),
        sum(backups),
        living.count(True),
        living.count(False),
    )
