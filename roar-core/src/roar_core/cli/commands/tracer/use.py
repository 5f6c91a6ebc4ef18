"""`roar tracer use`."""

from __future__ import annotations

import click

from roar_core.capture.choose import AUTO, NONE, ask_all, check_name
from roar_core.cli.commands.config import note_override, scope_file
from roar_core.cli.complete import complete_tracer
from roar_core.cli.context import Context
from roar_core.config_file import set_value


@click.command("use")
@click.argument("name", shell_complete=complete_tracer)
@click.option("--user", is_flag=True, help="For all projects.")
@click.pass_obj
def use(context: Context, name: str, user: bool) -> None:
    """Set tracer.default to NAME, `auto` or `none`.

    \b
      roar tracer use ptrace
    """
    check_name(name, [spec.name for spec in context.plugins.tracers])
    set_value(scope_file(context, user), "tracer.default", name)
    note_override(context, "tracer.default", user)
    if name not in (AUTO, NONE):
        for spec, answer in ask_all(context.plugins, context.environment):
            if spec.name == name and not answer.usable:
                context.warn(f"tracer `{name}` does not work here now: {answer.reason}", answer.hint)
