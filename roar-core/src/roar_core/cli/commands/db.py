"""`roar db`: the database, and what else `.roar` holds."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from roar_core.cli.ask import is_confirmed, yes_option
from roar_core.cli.context import Context
from roar_core.cli.options import json_option
from roar_core.cli.output import echo, echo_note, emit_json, style, width

if TYPE_CHECKING:
    from sqlite3 import Connection

    from roar_core.health.stored import Stored
    from roar_core.store.kept import KeptFile

DAY_NS = 24 * 3600 * 10**9


@click.group("db", invoke_without_command=True)
@click.option("--check", is_flag=True, help="Compare every index with its table: a second per 100 MB.")
@json_option
@click.pass_context
def command(click_context: click.Context, check: bool, as_json: bool) -> None:
    """Show what .roar holds: the database with its size and health, kept bytes, runs that wait.

    Exit status 1 where the database is damaged.

    \b
      roar db
      roar db --check
      roar db gc                     remove what nothing refers to any more
    """
    if click_context.invoked_subcommand is not None:
        if check or as_json:
            raise click.UsageError(
                f"--check and --json belong to `roar db`, not to its {click_context.invoked_subcommand}"
            )
        return
    from roar_core.health.stored import look_at_stored

    context: Context = click_context.obj
    with context.store() as store:
        stored = look_at_stored(context.project, store.connection, thorough=check)
    if as_json:
        emit_json(_json(stored))
    else:
        _show(stored)
    click_context.exit(1 if stored.health.problems else 0)


@command.command("gc")
@click.option(
    "--older-than",
    "days",
    type=click.FloatRange(min=0),
    metavar="DAYS",
    help="Kept bytes, too, that only jobs need which ended so long ago.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@yes_option
@click.pass_obj
def collect_garbage(context: Context, days: float | None, dry_run: bool, yes: bool) -> None:
    """Remove kept bytes that no recorded job has read.

    Kept bytes are what `roar pop` puts back. What killed runs left in the spool needs no collecting: the next command
    takes it in, or removes it.
    """
    from roar_core.cli.render.words import counted
    from roar_core.cli.units import human_size

    with context.store() as store:
        since_ns = 0 if days is None else time.time_ns() - round(days * DAY_NS)
        garbage = _garbage(context, store.connection, since_ns)
        if not garbage:
            echo("nothing to remove")
            return
        text = f"{counted(len(garbage), 'kept file')}, {human_size(sum(kept.size_bytes for kept in garbage))}"
        if dry_run:
            echo(f"would remove {text}")
            return
        if not is_confirmed(f"Remove {text}?", yes=yes, command="roar db gc"):
            echo_note("nothing was changed")
            return
        for kept in garbage:
            kept.path.unlink(missing_ok=True)
        echo(f"removed {text}")


def _garbage(context: Context, connection: Connection, since_ns: int) -> list[KeptFile]:
    """What a run under way or waiting needs is not in the database yet, so nothing is garbage while there is one."""
    from roar_core.capture.waiting import waiting_entries
    from roar_core.errors import StoreBusy
    from roar_core.store.kept import is_wanted, list_kept

    if waiting_entries(context.project, context.environment):
        raise StoreBusy("cannot tell what is needed while runs are under way or wait", "roar status")
    return [
        kept for kept in list_kept(context.project.kept) if not is_wanted(connection, kept.digest, since_ns)
    ]


def _json(stored: Stored) -> dict[str, object]:
    health = stored.health
    return {
        "sound": not health.problems,
        "problems": list(health.problems),
        "schema": health.version,
        "journal_mode": health.journal_mode,
        "database_bytes": health.database_bytes,
        "wal_bytes": health.wal_bytes,
        "free_bytes": health.free_bytes,
        "rows": health.rows,
        "kept_files": stored.kept_files,
        "kept_bytes": stored.kept_bytes,
        "backups": stored.backups,
        "backup_bytes": stored.backup_bytes,
        "running": stored.running,
        "waiting": stored.waiting,
    }


def _show(stored: Stored) -> None:
    from roar_core.cli.render.words import counted
    from roar_core.cli.table import columns
    from roar_core.cli.units import human_size

    health = stored.health
    size = human_size(health.database_bytes + health.wal_bytes)
    rows = [
        ("database", f"{size}, schema {health.version}, {health.journal_mode}"),
        ("health", style("sound", "green") if not health.problems else style("damaged", "red")),
        *(("", problem) for problem in health.problems),
        ("jobs", f"{health.rows['job']} in {counted(health.rows['session'], 'session')}"),
        ("files", f"{health.rows['job_input']} read, {health.rows['job_output']} written"),
        ("contents", str(health.rows["artifact"])),
        ("kept", f"{counted(stored.kept_files, 'file')}, {human_size(stored.kept_bytes)}"),
    ]
    if stored.backups:
        rows.append(("backups", f"{stored.backups} from upgrades, {human_size(stored.backup_bytes)}"))
    if stored.running or stored.waiting:
        rows.append(("spool", f"{counted(stored.running, 'run')} under way, {stored.waiting} waiting"))
    echo(columns([(style(name, "bold"), text) for name, text in rows], width=width(), wrapped=True))
