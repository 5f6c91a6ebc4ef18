"""`roar trace`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from roar_core.cli.complete import complete_tracer
from roar_core.cli.context import Context
from roar_core.cli.options import PASS_THROUGH, command_argument
from roar_core.cli.output import emit_json
from roar_core.errors import CannotStart, UsageError, system_reason
from roar_core.plugin.protocols import TraceOptions


@click.command(context_settings=dict(PASS_THROUGH))
@click.option(
    "--tracer",
    metavar="TRACER",
    shell_complete=complete_tracer,
    help="Observe with this tracer instead of the chosen one.",
)
@click.option(
    "--report", required=True, metavar="FILE", help="Where the report is written (docs/report-format.md)."
)
@click.option(
    "--wait",
    type=click.Choice(["all", "command"]),
    default="all",
    help="Close the report when all descendants have gone (default), or soon after the command.",
)
@click.option(
    "--after",
    type=click.Choice(["written", "all"]),
    default="written",
    help="Tell the state at the end of the files that were written (default), or also whether those that were only read"
    " have been changed by others meanwhile.",
)
@click.option("--dry-run", is_flag=True, help="Print what would be started, as JSON, and start nothing.")
@command_argument
@click.pass_obj
def command(
    context: Context,
    tracer: str | None,
    report: str,
    wait: str,
    after: str,
    dry_run: bool,
    command: tuple[str, ...],
) -> None:
    """Observe COMMAND without recording it; needs no project.

    \b
      roar trace --report trace.jsonl -- make
    """
    from roar_core.capture.choose import choose_tracer
    from roar_core.capture.command import inherited_environment

    context.failure_status = 125
    if tracer == "none":
        raise UsageError("cannot trace with no tracer: `--tracer none`", "roar tracer status")
    choice = choose_tracer(context.plugins, context.settings, context.environment, tracer)
    if choice is None:
        raise UsageError("cannot trace: the setting tracer.default is `none`", "roar trace --tracer auto …")
    settings = context.settings
    options = TraceOptions(
        report=Path(os.path.abspath(report)),
        wait="command" if wait == "command" else "all",
        preserve_limit=settings.whole("tracer.preserve_limit"),
        mode=str(settings.get("tracer.ptrace_mode", "auto")),
        static_programs=bool(settings.get("tracer.static", True)),
        after="all" if after == "all" else "written",
    )
    plan = choice.tracer.command(command, options)
    if dry_run:
        emit_json({"argv": list(plan.argv), "env": dict(plan.env)})
        return
    if choice.warning:
        context.warn(choice.warning)
    variables = {**inherited_environment(), **{os.fsencode(k): os.fsencode(v) for k, v in plan.env.items()}}
    restore_signals()
    try:
        os.execve(plan.argv[0], plan.argv, variables)
    except OSError as error:
        raise CannotStart(
            f"cannot start tracer: {system_reason(error)}: `{plan.argv[0]}`", "roar tracer status"
        ) from error


def restore_signals() -> None:
    """Undoes what the interpreter ignores, since that would be inherited."""
    import signal

    from roar_core.capture.launch import IGNORED_BY_PYTHON

    for number in IGNORED_BY_PYTHON:
        signal.signal(number, signal.SIG_DFL)
