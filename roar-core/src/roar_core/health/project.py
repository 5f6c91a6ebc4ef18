"""The project: whose it is, where it lies, its database, runs that wait."""

from __future__ import annotations

import os
from collections.abc import Iterator

from roar_core.config import Environment
from roar_core.errors import RoarError
from roar_core.health.finding import Finding, ok, problem, warning
from roar_core.project import Project, check_ownership, user_name

LOW_BYTES = 256 << 20


def check_project(project: Project) -> Finding:
    """Returns whether `.roar` is the user's own, closed to others, and can be written."""
    try:
        check_ownership(project)
    except RoarError as error:
        return problem("project", error.message, error.hint)
    if not os.access(project.directory, os.W_OK | os.X_OK):
        return problem(
            "project", f"cannot be written: `{project.directory}`", f"chmod u+rwx {project.directory}"
        )
    status = os.stat(project.directory)
    if status.st_mode & 0o022:
        return problem(
            "project", f"others may write in it: `{project.directory}`", f"chmod go-w {project.directory}"
        )
    return ok("project", f"{project.root}, of {user_name(status.st_uid)}")


def check_file_system(project: Project) -> Finding:
    """Returns what the file system of `.roar` means for the database, and whether it has room."""
    from roar_core.store.filesystem import is_network

    room = os.statvfs(project.directory)
    free_bytes = room.f_bavail * room.f_frsize
    if free_bytes < LOW_BYTES:
        return warning("file system", f"{free_bytes >> 20} MiB are left", "df -h .")
    if is_network(project.directory):
        text = "a network file system: one host at a time writes the database"
        return warning(
            "file system",
            text,
            "runs of other hosts wait in .roar/spool; keep .roar on a local disk if you can",
        )
    return ok("file system", f"local, {free_bytes >> 30} GiB free")


def check_database(project: Project) -> Finding:
    """Returns whether the database opens and is sound; takes about a second for each 200 MB."""
    from roar_core.store.connection import open_database
    from roar_core.store.failures import translated
    from roar_core.store.health import check_health

    if not project.database.exists():
        return problem("database", f"there is none: `{project.database}`", "roar init")
    try:
        connection = open_database(project, create=False)
        try:
            with translated(project.database):
                health = check_health(connection, project.database)
        finally:
            connection.close()
    except RoarError as error:
        return problem("database", error.message, error.hint)
    if health.problems:
        text = f"damaged: {health.problems[0]}" + (
            f" (and {len(health.problems) - 1} more)" if health.problems[1:] else ""
        )
        hint = f"keep a copy, then: sqlite3 {project.database} .recover | sqlite3 {project.directory}/recovered.db"
        return problem("database", text, hint)
    size_mib = (health.database_bytes + health.wal_bytes) / 2**20
    return ok(
        "database",
        f"sound: {health.rows['job']} jobs, {size_mib:.1f} MiB, {health.journal_mode}, schema {health.version}",
    )


def check_spool(project: Project, environment: Environment) -> Iterator[Finding]:
    """Yields how many runs are going on, and which wait to be taken into the database."""
    from roar_core.capture.waiting import waiting_entries
    from roar_core.store.spool import is_living

    try:
        entries = waiting_entries(project, environment)
    except RoarError as error:
        yield problem("spool", error.message, error.hint)
        return
    living = [entry for entry in entries if is_living(entry)]
    waiting = [entry for entry in entries if entry not in living]
    running = f"{len(living)} going on" if living else "nothing waits"
    if waiting:
        yield warning(
            "spool", f"{len(waiting)} runs wait to be recorded: `{waiting[0].directory}`", "roar status"
        )
    else:
        yield ok("spool", running)
