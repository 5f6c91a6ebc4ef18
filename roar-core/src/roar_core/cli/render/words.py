"""Small pieces of text that several commands print of a job."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from roar_core.cli.output import style
from roar_core.cli.text import one_line

if TYPE_CHECKING:
    from roar_core.store.jobs import JobRow
    from roar_core.store.records import GitState

SHORT_DIGEST = 12
_STATUS_COLORS = {"ok": "green", "failed": "red", "signalled": "red", "interrupted": "yellow"}
_STATE_COLORS = {
    "active": "green",
    "stale": "yellow",
    "failed": "red",
    "superseded": "dim",
    "cant-tell": "magenta",
}


class Paint:
    """Gives text its colour as `style` does, but asks only once for each whether colour is wanted: for long lists."""

    def __init__(self) -> None:
        self._around: dict[str, tuple[str, str]] = {}

    def __call__(self, text: str, name: str) -> str:
        """Returns the text in a colour."""
        if name not in self._around:
            before, _, after = style("\0", name).partition("\0")
            self._around[name] = before, after
        before, after = self._around[name]
        return f"{before}{text}{after}"


def command_text(argv: Sequence[str]) -> str:
    """Returns a command as it would be typed, on one line."""
    return one_line(shlex.join(argv))


def job_text(name: str | None, argv: Sequence[str]) -> str:
    """Returns a job's command on one line, with its name before it where it has one."""
    return f"{one_line(name)}: {command_text(argv)}" if name else command_text(argv)


def git_text(git: GitState) -> str:
    """Returns commit, branch and state of a repository, or why they are not known."""
    if git.commit is None and git.problem:
        return style(f"not known: {one_line(git.problem)}", "yellow")
    parts = [git.commit[:SHORT_DIGEST] if git.commit else "no commit yet", one_line(git.branch or "detached")]
    parts.append(style("dirty", "yellow") if git.dirty else "clean")
    return ", ".join(parts + ([one_line(git.problem)] if git.problem else []))


def status_text(job: JobRow) -> str:
    """Returns how a job ended: `ok`, `exit 3`, `SIGKILL`, `interrupted`."""
    if job.status == "failed" and job.exit_code is not None:
        return f"exit {job.exit_code}"
    if job.status == "signalled" and job.signal is not None:
        return signal_name(job.signal)
    return job.status


def status_style(job: JobRow) -> str:
    """Returns the colour of how a job ended."""
    return _STATUS_COLORS.get(job.status, "bold")


def state_style(state: str) -> str:
    """Returns the colour of a state of the current DAG."""
    return _STATE_COLORS.get(state, "bold")


def signal_name(number: int) -> str:
    """Returns the name of a signal: `SIGKILL`, or `signal 35` for one without."""
    import signal

    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def short_digest(digest: str | None) -> str:
    """Returns the first digits of `algorithm:hex`, `?` for a digest that is not known."""
    return digest.partition(":")[2][:SHORT_DIGEST] if digest else "?"


def counted(number: int, noun: str) -> str:
    """Returns `1 job`, `2 jobs`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def heading(text: str) -> str:
    """Returns a heading."""
    return style(text, "bold")
