"""`roar tracer disable`."""

from __future__ import annotations

import click

from roar_core.capture.privileged_copy import removal_commands
from roar_core.cli.commands.tracer.privileged import find_program, run_as_root
from roar_core.cli.complete import complete_tracer
from roar_core.cli.context import Context
from roar_core.cli.output import echo, echo_note


@click.command("disable", short_help="Remove what enable has installed.")
@click.argument("name", metavar="TRACER", shell_complete=complete_tracer)
@click.option("-y", "--yes", is_flag=True, help="Run the commands without asking.")
@click.pass_obj
def disable(context: Context, name: str, yes: bool) -> None:
    """Remove what `roar tracer enable TRACER` has installed, of all versions. The group stays.

    \b
      roar tracer disable ebpf
    """
    commands = removal_commands(find_program(context, name))
    if not commands:
        echo(f"tracer {name} is not enabled: there is no copy of its program")
    elif run_as_root(commands, yes, "roar tracer status"):
        echo(f"tracer {name} is disabled")
    else:
        echo_note("nothing was changed", f"run the commands above, or: roar tracer disable {name} --yes")
