"""`roar log`: the jobs that were run."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import click

from roar_core.cli.context import Context
from roar_core.cli.options import json_option
from roar_core.cli.output import echo, emit_json, style, width
from roar_core.cli.render.words import command_text, status_style, status_text
from roar_core.cli.table import columns
from roar_core.cli.units import human_age, human_duration

if TYPE_CHECKING:
    from roar_core.store.jobs import JobRow


@click.command("log")
@click.option("-n", "limit", type=click.IntRange(min=0), metavar="N", help="Only the newest N jobs.")
@click.option("--all", "all_sessions", is_flag=True, help="Jobs of earlier sessions, too.")
@json_option
@click.pass_obj
def command(context: Context, limit: int | None, all_sessions: bool, as_json: bool) -> None:
    """List the jobs that were run, newest first: step, uid, how it ended, when, how long, files read → written.

    \b
      roar log             this session
      roar log -n 5        the last five
      roar show @2         all about the newest run of step 2
    """
    from roar_core.store.jobs import list_jobs
    from roar_core.store.sessions import find_active_session

    with context.store() as store:
        session = find_active_session(store.connection)
        jobs: tuple[JobRow, ...] = ()
        if session is not None:
            scope = None if all_sessions else session.id
            jobs = list_jobs(store.connection, session_id=scope, limit=-1 if limit is None else limit)
        if as_json:
            emit_json(_as_json(store.connection, jobs))
        elif jobs:
            echo(columns(_rows(store.connection, jobs), width=width(), gap="  "))
        else:
            echo("no jobs yet: roar run COMMAND")


def _as_json(connection: sqlite3.Connection, jobs: tuple[JobRow, ...]) -> list[dict[str, object]]:
    from roar_core.cli.json_shapes import job_json
    from roar_core.store.details import get_documents, list_gaps

    return [job_json(job, get_documents(connection, job), list_gaps(connection, job.id)) for job in jobs]


def _rows(connection: sqlite3.Connection, jobs: tuple[JobRow, ...]) -> list[tuple[str, ...]]:
    from roar_core.store.counts import count_files

    counts = count_files(connection, [job.id for job in jobs])
    return [
        (
            style(job.step_name, "bold"),
            style(job.uid, "dim"),
            style(status_text(job), status_style(job)),
            human_age(job.started_ns),
            human_duration((job.ended_ns - job.started_ns) / 1e9),
            f"{counts[job.id].inputs}→{counts[job.id].outputs}",
            f"{job.name}: {command_text(job.argv)}" if job.name else command_text(job.argv),
        )
        for job in jobs
    ]
