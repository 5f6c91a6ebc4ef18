"""`roar tracer enable`."""

from __future__ import annotations

import os
import pwd

import click

from roar_core.capture.privileged_copy import GROUP, install_commands
from roar_core.cli.commands.tracer.privileged import find_program, run_as_root
from roar_core.cli.complete import complete_tracer
from roar_core.cli.context import Context
from roar_core.cli.output import echo, echo_note


@click.command("enable", short_help="Let a tracer work for ordinary users.")
@click.argument("name", metavar="TRACER", shell_complete=complete_tracer)
@click.option("-y", "--yes", is_flag=True, help="Run the commands without asking.")
@click.pass_obj
def enable(context: Context, name: str, yes: bool) -> None:
    """Let TRACER work for ordinary users, by a copy of its program that root owns.

    Prints the commands that install the copy with its capabilities, for the members of the group `roar`, and runs
    them if you agree; they ask for root's password where sudo does. The program is compared with what its wheel
    brought first.

    \b
      roar tracer enable ebpf
    """
    program = find_program(context, name)
    user = user_name()
    commands = install_commands(program, user)
    if not run_as_root(commands, yes, f"to remove what is there of it: roar tracer disable {name}"):
        echo_note("nothing was changed", f"run the commands above, or: roar tracer enable {name} --yes")
        return
    echo(f"tracer {name} is enabled for the members of the group {GROUP}")
    if user != "root":
        echo(f"you are one from your next login on; until then: newgrp {GROUP}")


def user_name() -> str:
    """Returns the name of the user who is to use the tracer, or the number where there is no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
