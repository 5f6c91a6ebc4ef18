"""`roar log`: the jobs that were run."""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING

import click

from roar_core.cli.context import Context
from roar_core.cli.options import json_option
from roar_core.cli.output import echo, emit_json, width

if TYPE_CHECKING:
    from collections.abc import Iterator

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
            for line in _lines(store.connection, jobs, width()):
                echo(line)
        else:
            echo("no jobs yet: roar run COMMAND")


def _as_json(connection: sqlite3.Connection, jobs: tuple[JobRow, ...]) -> list[dict[str, object]]:
    from roar_core.cli.json_shapes import job_json
    from roar_core.store.details import get_documents, list_gaps
    from roar_core.store.sessions import session_uids

    sessions = session_uids(connection)
    return [
        {
            **job_json(job, get_documents(connection, job), list_gaps(connection, job.id)),
            "session": sessions[job.session_id],
        }
        for job in jobs
    ]


def _lines(connection: sqlite3.Connection, jobs: tuple[JobRow, ...], width: int) -> Iterator[str]:
    from roar_core.cli.render.words import Paint, job_text, status_style, status_text
    from roar_core.cli.table import cut
    from roar_core.cli.units import human_age, human_duration
    from roar_core.store.counts import count_files

    counts = count_files(connection, [job.id for job in jobs])
    now_ns = time.time_ns()
    rows = [
        (
            job.step_name,
            job.uid,
            status_text(job),
            human_age(job.started_ns, now_ns),
            human_duration((job.ended_ns - job.started_ns) / 1e9),
            f"{counts[job.id].inputs}→{counts[job.id].outputs}",
        )
        for job in jobs
    ]
    step, uid, status, age, duration, files = (max(map(len, column)) for column in zip(*rows, strict=True))
    room = max(8, width - (step + uid + status + age + duration + files + 12))
    paint = Paint()
    for job, row in zip(jobs, rows, strict=True):
        yield (
            f"{paint(row[0].ljust(step), 'bold')}  {paint(row[1].ljust(uid), 'dim')}"
            f"  {paint(row[2].ljust(status), status_style(job))}  {row[3]:{age}}  {row[4]:{duration}}  {row[5]:{files}}"
            f"  {cut(job_text(job.name, job.argv), room)}"
        )
