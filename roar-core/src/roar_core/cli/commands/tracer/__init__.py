"""`roar tracer`: which tracers work here, and which one is taken."""

from __future__ import annotations

import click

from roar_core.cli.commands.tracer.check import check
from roar_core.cli.commands.tracer.disable import disable
from roar_core.cli.commands.tracer.enable import enable
from roar_core.cli.commands.tracer.status import status
from roar_core.cli.commands.tracer.use import use


@click.group("tracer", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Show which tracers work here, and choose one.

    \b
      roar tracer                     the same as roar tracer status
      roar tracer use ptrace          always take this one here
      roar tracer use auto            take the best that works
      roar tracer check -- make       would this command be seen whole?
      roar tracer enable ebpf         let it work for ordinary users
    """
    if context.invoked_subcommand is None:
        context.invoke(status)


for subcommand in (status, use, check, enable, disable):
    command.add_command(subcommand)
command.add_command(use, "set-default")
