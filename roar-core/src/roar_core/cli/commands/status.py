"""`roar status`: where the project stands."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from roar_core.cli.context import Context
from roar_core.cli.options import json_option
from roar_core.cli.output import echo, emit_json, shown_path, width

if TYPE_CHECKING:
    from roar_core.cli.render.status import ProjectStatus
    from roar_core.health.readiness import Obstacle
    from roar_core.lineage.current import CurrentDag
    from roar_core.lineage.nodes import StaleRun
    from roar_core.store.store import Store


@click.command("status")
@json_option
@click.pass_obj
def command(context: Context, as_json: bool) -> None:
    """Say where the project stands: the session, its last run, what is stale, what still waits.

    Also says what stands between this session and a registration, by which others could do the same again: runs whose
    tree was not clean, commits that are not pushed, code that is not in git, inputs that nobody else can get.

    \b
      roar status
      roar status --json
    """
    from roar_core.cli.render.status import status_lines

    with context.store() as store:
        status = project_status(context, store)
        if as_json:
            emit_json(_as_json(status))
            return
        for line in status_lines(
            status, partial(shown_path, project=context.project, cwd=context.cwd), width()
        ):
            echo(line)


def project_status(context: Context, store: Store) -> ProjectStatus:
    """Returns where the project stands."""
    from roar_core.capture.git import collect_git
    from roar_core.cli.commands.dag import current_dag
    from roar_core.cli.render.status import ProjectStatus
    from roar_core.store.counts import count_pending
    from roar_core.store.jobs import list_jobs
    from roar_core.store.sessions import find_active_session
    from roar_core.store.spool import is_living, list_entries

    session = find_active_session(store.connection)
    dag = current_dag(context, store)
    last = list_jobs(store.connection, session_id=session.id, limit=1) if session else ()
    living = [is_living(entry) for entry in list_entries(context.project)]
    return ProjectStatus(
        session,
        len(dag.order) if dag else 0,
        len(dag.runs) if dag else 0,
        last[0] if last else None,
        collect_git(context.project.root),
        _stale(store, dag),
        count_pending(store.connection),
        living.count(False),
        living.count(True),
        _obstacles(context, store, dag),
    )


def _obstacles(context: Context, store: Store, dag: CurrentDag | None) -> tuple[Obstacle, ...]:
    from roar_core.health.readiness import find_obstacles

    labels = {job: dag.label(job) for job in dag.order if job in dag.shown} if dag else {}
    return find_obstacles(
        context.project, store.connection, labels, context.sound_settings[0].text("git.remote")
    )


def _stale(store: Store, dag: CurrentDag | None) -> list[StaleRun]:
    from roar_core.lineage.nodes import describe_stale
    from roar_core.store.current import CurrentTables

    return describe_stale(dag, CurrentTables(store.connection)) if dag else []


def _as_json(status: ProjectStatus) -> dict[str, object]:
    from roar_core.cli.json_shapes import git_json, time_json

    last = status.last
    return {
        "session": status.session.uid if status.session else None,
        "started_at": time_json(status.session.started_ns) if status.session else None,
        "jobs": status.jobs,
        "steps": status.steps,
        "last": None
        if last is None
        else {"uid": last.uid, "step": last.step_name, "status": last.status, "command": list(last.argv)},
        "git": git_json(status.git),
        "stale": [
            {"step": node.label, "job": node.job.uid, "reasons": [reason.text for reason in node.reasons]}
            for node in status.stale
        ],
        "digests_pending": status.pending,
        "running": status.running,
        "waiting": status.waiting,
        "obstacles": [
            {"kind": each.kind, "text": each.text, "steps": list(each.steps), "paths": list(each.paths)}
            for each in status.obstacles
        ],
    }
