"""`roar tracer`: which tracers work here."""

from __future__ import annotations

import click

from roar_core.capture.choose import AUTO, NONE, ask_all, check_name
from roar_core.cli.commands.config import note_override, scope_file
from roar_core.cli.complete import complete_tracer
from roar_core.cli.context import Context
from roar_core.cli.options import json_option
from roar_core.cli.output import echo, emit_json, style, width
from roar_core.cli.table import columns
from roar_core.config_file import set_value
from roar_core.plugin.protocols import Availability
from roar_core.plugin.specs import TracerSpec


@click.group("tracer", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Show which tracers work here, and choose one.

    \b
      roar tracer                   the same as roar tracer status
      roar tracer use ptrace        always take this one here
      roar tracer use auto          take the best that works
    """
    if context.invoked_subcommand is None:
        context.invoke(status)


@command.command("status")
@json_option
@click.pass_obj
def status(context: Context, as_json: bool = False) -> None:
    """Ask each tracer whether it works here, and why not.

    `*` marks the one that `roar run` takes.
    """
    default = context.settings.text("tracer.default")
    answers = ask_all(context.plugins, context.environment)
    chosen = _chosen(default, answers, context.settings.flag("tracer.fallback"))
    if as_json:
        emit_json([_json(spec, answer, spec.name == chosen) for spec, answer in answers])
        return
    rows = [
        (
            f"{'*' if spec.name == chosen else ' '} {spec.name}",
            answer.version or "-",
            style("works", "green") if answer.usable else style("does not work", "yellow"),
            spec.summary if answer.usable else answer.reason or "it does not say why",
        )
        for spec, answer in answers
    ]
    echo(columns(rows, width=width(), wrapped=True) if rows else "no tracer is installed")
    for spec, answer in answers:
        if answer.hint and not answer.usable:
            echo(f"{style('hint:', 'bold')} {spec.name}: {answer.hint}")
    if not rows:
        echo(f"{style('hint:', 'bold')} pip install roar-tracer-ptrace")
    echo(f"tracer.default is {default} ({context.settings.origin('tracer.default')})")


@command.command("use")
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


command.add_command(use, "set-default")


def _chosen(default: str, answers: list[tuple[TracerSpec, Availability]], fallback: bool) -> str | None:
    usable = [spec.name for spec, answer in answers if answer.usable]
    if default == NONE or default in usable:
        return default
    return usable[0] if usable and (default == AUTO or fallback) else None


def _json(spec: TracerSpec, answer: Availability, chosen: bool) -> dict[str, object]:
    return {
        "name": spec.name,
        "summary": spec.summary,
        "priority": spec.priority,
        "version": answer.version,
        "usable": answer.usable,
        "reason": answer.reason,
        "hint": answer.hint,
        "chosen": chosen,
    }
