"""`roar reset`: begin a new session."""

from __future__ import annotations

import time

import click

from roar_core.cli.context import Context
from roar_core.cli.output import echo


@click.command("reset")
@click.pass_obj
def command(context: Context) -> None:
    """Begin a new session: step numbers start again at @1, and `roar dag` shows what is run from now on.

    Nothing is lost: `roar log --all` lists the jobs of earlier sessions, and what new jobs read of their files is
    traced back to them.

    \b
      roar reset
    """
    from roar_core.cli.render.words import counted
    from roar_core.store.counts import count_session
    from roar_core.store.sessions import begin_session, find_active_session

    with context.store() as store:
        with store.writing() as connection:
            ended = find_active_session(connection)
            jobs = count_session(connection, ended.id)[0] if ended else 0
            if jobs:
                begun = begin_session(connection, time.time_ns())
        if ended is None or not jobs:
            echo("this session has no jobs yet: nothing to begin anew")
        else:
            echo(f"session {ended.uid[:12]} ended with {counted(jobs, 'job')}; {begun.uid[:12]} begun")
