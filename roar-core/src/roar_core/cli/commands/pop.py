"""`roar pop`: undo the last job."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import click

from roar_core.cli.ask import is_confirmed, yes_option
from roar_core.cli.context import Context
from roar_core.cli.output import echo, echo_note, shown_path, style, width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from roar_core.store.jobs import JobRow
    from roar_core.store.store import Store
    from roar_core.undo.files import ProjectFiles
    from roar_core.undo.plan import Change

SHOWN = 20
_COLORS = {"delete": "red", "put back": "green", "move back": "green", "leave": "yellow"}
_DONE = {"delete": "deleted", "put back": "put back", "move back": "moved back", "leave": "left as it is"}


@click.command("pop")
@yes_option
@click.pass_obj
def command(context: Context, yes: bool) -> None:
    """Undo the last job of this session, with the jobs that it started: its record goes, and its files.

    A file that the job made is deleted; one that it changed or removed is put back if its bytes were kept (the setting
    tracer.keep_bytes). A file that the job did not make, or that has changed since, is never deleted. What is to be
    done is shown first.

    \b
      roar pop
      roar pop -y                    without asking
    """
    from roar_core.errors import NotFound
    from roar_core.store.sessions import find_active_session
    from roar_core.store.undone import last_jobs

    with context.store() as store:
        session = find_active_session(store.connection)
        jobs = last_jobs(store.connection, session.id) if session else ()
        if not jobs:
            raise NotFound("this session has no job to undo", "roar log --all")
        files, changes = _plan(context, store, jobs)
        show = partial(shown_path, project=context.project, cwd=context.cwd)
        for line in _lines(jobs, changes, show):
            echo(line)
        if not is_confirmed("Undo this?", yes=yes, command="roar pop"):
            echo_note("nothing was changed")
            return
        _undo(store, jobs, files, changes, show)


def _plan(context: Context, store: Store, jobs: Sequence[JobRow]) -> tuple[ProjectFiles, Sequence[Change]]:
    from roar_core.store.undone import list_read_files, list_written_files
    from roar_core.undo.files import ALGORITHM, ProjectFiles
    from roar_core.undo.plan import Now, plan_undoing

    spec = next(spec for spec in context.plugins.hashers if spec.name == ALGORITHM)
    files = ProjectFiles(context.project, store.connection, context.plugins.make(spec))
    return files, plan_undoing(
        list_read_files(store.connection, jobs),
        list_written_files(store.connection, jobs),
        Now(files.digest_at, files.is_kept),
    )


def _undo(
    store: Store,
    jobs: Sequence[JobRow],
    files: ProjectFiles,
    changes: Sequence[Change],
    show: Callable[[str], str],
) -> None:
    """The files first: what stops half-way can be undone again."""
    from roar_core.cli.render.words import counted

    store.require_writable()
    done: Counter[str] = Counter()
    for change in changes:
        result = files.carry_out(change)
        done[result.action] += 1
        if result != change:
            echo_note(f"left as it is, {result.why}: `{show(result.path)}`")
    store.remove_jobs(jobs)
    counts = [f"{counted(done[action], 'file')} {_DONE[action]}" for action in _COLORS if done[action]]
    echo(f"undone: {', '.join([f'{jobs[0].step_name} {jobs[0].uid}', *counts])}")


def _lines(jobs: Sequence[JobRow], changes: Sequence[Change], show: Callable[[str], str]) -> Iterator[str]:
    from roar_core.cli.render.words import job_text
    from roar_core.cli.table import columns, cut

    for job in jobs:
        start = f"{job.step_name} {job.uid}  "
        yield style(start, "bold") + cut(job_text(job.name, job.argv), max(20, width() - len(start)))
    rows = [
        ("", style(change.action, _COLORS[change.action]), f"{show(change.path)}{_remark(change, show)}")
        for change in changes[:SHOWN]
    ]
    if rows:
        yield columns(rows, width=width(), wrapped=True)
    if len(changes) > SHOWN:
        rest = Counter(change.action for change in changes[SHOWN:])
        yield style("  … " + ", ".join(f"{count} more to {action}" for action, count in rest.items()), "dim")


def _remark(change: Change, show: Callable[[str], str]) -> str:
    if change.action == "move back" and change.source is not None:
        return f", which is now {show(change.source)}"
    return f": {change.why}" if change.why else ""
