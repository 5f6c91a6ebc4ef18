"""Where the project stands, for a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from roar_core.cli.output import style
from roar_core.cli.render.words import counted, git_text, job_text, status_style, status_text
from roar_core.cli.table import cut
from roar_core.cli.text import one_line
from roar_core.cli.units import human_age

if TYPE_CHECKING:
    from roar_core.health.readiness import Obstacle
    from roar_core.lineage.nodes import StaleRun
    from roar_core.store.jobs import JobRow
    from roar_core.store.records import GitState
    from roar_core.store.sessions import SessionRow

SHOWN = 8


class ProjectStatus(NamedTuple):
    """What `roar status` says. `stale`: what is not current any more; `waiting`, `running`: runs not yet recorded.

    `obstacles`: what stands between the session and a registration.
    """

    session: SessionRow | None
    jobs: int
    steps: int
    last: JobRow | None
    git: GitState | None
    stale: Sequence[StaleRun]
    pending: int
    waiting: int
    running: int
    obstacles: Sequence[Obstacle]


def status_lines(status: ProjectStatus, shown_path: Callable[[str], str], width: int) -> Iterator[str]:
    """Yields the lines of a status."""
    session, last = status.session, status.last
    if session is None or last is None:
        yield "no jobs yet: roar run COMMAND"
    else:
        begun = human_age(session.started_ns)
        counts = f"{counted(status.jobs, 'job')}, {counted(status.steps, 'step')}"
        yield f"{style('session', 'bold')}  {session.uid[:12]}, begun {begun}: {counts}"
        ended = style(status_text(last), status_style(last))
        line = f"{last.step_name} {last.uid} {human_age(last.started_ns)}: {job_text(last.name, last.argv)}"
        yield f"{style('last run', 'bold')} {ended}, {cut(line, max(20, width - 11 - len(status_text(last))))}"
    if status.git is not None:
        yield f"{style('git', 'bold')}      {git_text(status.git)}"
    if status.stale:
        yield f"{style('stale', 'bold')}    {counted(len(status.stale), 'step')} (roar dag --stale-only)"
        for node in status.stale[:SHOWN]:
            why = one_line(node.reasons[0].text) if node.reasons else ""
            yield cut(f"         {node.label}  {why}", width)
        if len(status.stale) > SHOWN:
            yield f"         … {len(status.stale) - SHOWN} more"
    elif last is not None:
        yield f"{style('stale', 'bold')}    nothing"
    if last is not None:
        yield from _registration(status.obstacles, shown_path, width)
    if status.pending:
        yield style(
            f"{counted(status.pending, 'digest')} pending: files that changed since can't be known", "yellow"
        )
    if status.running:
        yield f"{counted(status.running, 'run')} under way"
    if status.waiting:
        yield style(f"{counted(status.waiting, 'run')} waiting to be recorded (roar doctor)", "yellow")


def _registration(
    obstacles: Sequence[Obstacle], shown_path: Callable[[str], str], width: int
) -> Iterator[str]:
    yield f"{style('shared', 'bold')}   " + (
        "not yet: others could not do the same again"
        if obstacles
        else "ready: others could do the same again"
    )
    for obstacle in obstacles:
        steps = " ".join(obstacle.steps[:3]) + (
            f" +{len(obstacle.steps) - 3}" if len(obstacle.steps) > 3 else ""
        )
        paths = ", ".join(map(shown_path, obstacle.paths[:3]))
        more = f" and {len(obstacle.paths) - 3} more" if len(obstacle.paths) > 3 else ""
        yield cut(f"         {steps}  {obstacle.text}" + (f": {paths}{more}" if paths else ""), width)
