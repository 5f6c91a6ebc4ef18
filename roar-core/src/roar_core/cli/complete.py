"""What the shell offers at Tab. Nothing here prints, and nothing that fails is worth a word."""

from __future__ import annotations

import os
from contextlib import closing

import click
from click.shell_completion import CompletionItem

from roar_core.errors import RoarError

OFFERED_JOBS = 200


def complete_path(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Returns the request that the shell complete a path."""
    return [CompletionItem(incomplete, type="file")]


def complete_command(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Returns programs on PATH and steps for the first word of a command, paths for the others."""
    if context.params.get(parameter.name or "") or "/" in incomplete:
        return complete_path(context, parameter, incomplete)
    if incomplete.startswith("@"):
        return complete_reference(context, parameter, incomplete)
    names = _programs(context.obj.environment.path, incomplete) if incomplete else []
    return [CompletionItem(name) for name in names] or complete_path(context, parameter, incomplete)


def complete_reference(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Returns the steps `@N` of this session, the uids of recent jobs, and where neither fits, paths."""
    try:
        found = _references(context, incomplete)
    except (RoarError, OSError):
        found = []
    return found or complete_path(context, parameter, incomplete)


def complete_tracer(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Returns the names of the tracers."""
    names = [("auto", "the best that works here"), ("none", "no tracer: files are not recorded")]
    names += [(spec.name, spec.summary) for spec in context.obj.installed_plugins.tracers]
    return [CompletionItem(name, help=summary) for name, summary in names if name.startswith(incomplete)]


def complete_algorithm(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Returns the names of the digest algorithms."""
    names = [spec.name for spec in context.obj.installed_plugins.hashers]
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _references(context: click.Context, incomplete: str) -> list[CompletionItem]:
    from roar_core.store.connection import open_database
    from roar_core.store.jobs import list_jobs
    from roar_core.store.sessions import find_active_session

    with closing(open_database(context.obj.project, create=False)) as connection:
        session = find_active_session(connection)
        current = list_jobs(connection, session_id=session.id, limit=OFFERED_JOBS) if session else ()
        recent = (
            list_jobs(connection, limit=OFFERED_JOBS) if incomplete and not incomplete.startswith("@") else ()
        )
    steps = {job.step_name: " ".join(job.argv) for job in current}
    uids = {job.uid: f"{job.step_name} {' '.join(job.argv)}" for job in recent}
    offered = {**dict(sorted(steps.items(), key=lambda item: (len(item[0]), item[0]))), **uids}
    return [
        CompletionItem(name, help=text[:60]) for name, text in offered.items() if name.startswith(incomplete)
    ]


def _programs(path: str, prefix: str) -> list[str]:
    names: set[str] = set()
    for folder in path.split(":"):
        try:
            names.update(name for name in os.listdir(folder or ".") if name.startswith(prefix))
        except OSError:
            continue
    return sorted(names)
