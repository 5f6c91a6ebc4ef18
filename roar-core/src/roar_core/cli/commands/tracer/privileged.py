"""What `roar tracer enable` and `disable` share: finding the program, and running commands as root with consent."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence

import click

from roar_core.capture.choose import check_name
from roar_core.capture.privileged_copy import SystemCommand
from roar_core.cli.context import Context
from roar_core.cli.output import echo
from roar_core.errors import RoarError, UsageError
from roar_core.plugin.protocols import PrivilegedProgram

SYSTEM_PATH = (
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # an ordinary user's may lack sbin
)


class CommandFailed(RoarError):
    """One of the commands that root was to run has failed."""


def find_program(context: Context, name: str) -> PrivilegedProgram:
    """Returns the program that can be enabled by that name. Raises UsageError where there is nothing to enable."""
    specs = {spec.name: spec for spec in context.plugins.tracers}
    check_name(name, list(specs))
    tracer = context.plugins.make(specs[name]) if name in specs else None
    offers = getattr(tracer, "privileged_program", None)
    program: PrivilegedProgram | None = offers() if offers is not None else None
    if program is None:
        raise UsageError(f"nothing to enable: tracer `{name}` needs no privileges", "roar tracer status")
    return program


def run_as_root(commands: Sequence[SystemCommand], yes: bool, after_failure: str) -> bool:
    """Prints the commands, runs them if the user agrees, and returns whether they were run.

    Without a terminal to ask at, and without `yes`, nobody has agreed. Raises CommandFailed; `after_failure` says what
    to do then.
    """
    prefix = () if os.geteuid() == 0 else ("sudo",)
    for command in commands:
        echo(as_shell(prefix, command))
    if not yes:
        if not (sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()):
            return False
        if not click.confirm("Run these commands as root?", default=False, err=True):
            return False
    if prefix and shutil.which("sudo") is None:
        raise CommandFailed("cannot become root: there is no `sudo`", "run the commands above as root")
    sys.stdout.flush()
    for command in commands:
        _run(prefix, command, after_failure)
    return True


def as_shell(prefix: Sequence[str], command: SystemCommand) -> str:
    """Returns a command as it can be pasted into a shell."""
    line = shlex.join([*prefix, *command.argv])
    return f"echo {shlex.quote(command.stdin.rstrip())} | {line}" if command.stdin else line


def _run(prefix: Sequence[str], command: SystemCommand, after_failure: str) -> None:
    program = shutil.which(command.argv[0], path=SYSTEM_PATH)
    if program is None:
        package = "libcap2-bin" if command.argv[0] == "setcap" else "coreutils"
        raise CommandFailed(f"not installed: `{command.argv[0]}`", f"apt-get install {package}")
    done = subprocess.run(
        [*prefix, program, *command.argv[1:]], input=command.stdin or None, text=True, check=False
    )
    if done.returncode:
        raise CommandFailed(
            f"this command failed with {done.returncode}: `{shlex.join(command.argv)}`", after_failure
        )
