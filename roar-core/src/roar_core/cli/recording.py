"""What `roar run` and `roar build` have in common: options, and starting the command."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from roar_core.cli.complete import complete_algorithm, complete_tracer
from roar_core.cli.options import command_argument
from roar_core.cli.output import echo_error

if TYPE_CHECKING:
    from roar_core.capture.run import RunRequest
    from roar_core.cli.context import Context

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def recording_options(command: Decorated) -> Decorated:
    """Adds name, quiet, tracer, algorithms and the command itself."""
    for add in (
        command_argument,
        click.option(
            "--hash",
            "algorithms",
            multiple=True,
            metavar="ALGORITHM",
            shell_complete=complete_algorithm,
            help="A further digest of each file; repeatable.",
        ),
        click.option(
            "--tracer",
            metavar="TRACER",
            shell_complete=complete_tracer,
            help="Observe with this tracer, `auto` or `none`.",
        ),
        click.option("-q", "--quiet", is_flag=True, help="No summary line."),
        click.option("-n", "--name", metavar="NAME", help="Name the step; runs of one name are one step."),
    ):
        command = add(command)
    return command


def record_and_end(context: Context, request: RunRequest, *, quiet: bool) -> None:
    """Runs and records the command, prints the summary, and ends this process as the command did."""
    from roar_core.capture.ending import end_like
    from roar_core.capture.run import run_and_record
    from roar_core.capture.summary import job_summary

    context.failure_status = 125
    around = context.surroundings()
    result = run_and_record(around, request)
    if not quiet and not around.settings.flag("output.quiet"):
        line = job_summary(result)
        if line is not None:
            echo_error(line)
    end_like(result.ending)
