"""`roar run`."""

from __future__ import annotations

import click

from roar_core.cli.complete import complete_tracer
from roar_core.cli.context import Context
from roar_core.cli.options import PASS_THROUGH, command_argument
from roar_core.cli.output import echo_error


@click.command(context_settings=dict(PASS_THROUGH))
@click.option("-n", "--name", metavar="NAME", help="Name the step; runs of one name are one step.")
@click.option("-q", "--quiet", is_flag=True, help="No summary line.")
@click.option(
    "--tracer",
    metavar="TRACER",
    shell_complete=complete_tracer,
    help="Observe with this tracer, `auto` or `none`.",
)
@click.option(
    "--hash",
    "algorithms",
    multiple=True,
    metavar="ALGORITHM",
    help="A further digest of each file; repeatable.",
)
@command_argument
@click.pass_obj
def command(
    context: Context,
    name: str | None,
    quiet: bool,
    tracer: str | None,
    algorithms: tuple[str, ...],
    command: tuple[str, ...],
) -> None:
    """Run COMMAND and record what it and its children read and write.

    Output, terminal, signals and exit status are the command's own. When it has ended, one line on standard error says
    what was recorded (not with -q, nor where standard error is a file, which is the command's).

    `@N` in place of a command runs step N again, in its own folder, with today's code and the options that follow.

    \b
      roar run python train.py --epochs 10
      roar run @2 --epochs=20
      roar run -n prepare sh -c 'sort raw.csv > data.csv'

    Exit status: the command's; 127 and 126 as in a shell; 125 where roar could not start it; 2 for wrong use.
    """
    from roar_core.capture.ending import end_like
    from roar_core.capture.run import RunRequest, run_and_record
    from roar_core.capture.summary import job_summary

    context.failure_status = 125
    around = context.surroundings()
    result = run_and_record(around, RunRequest(command, name, tracer, algorithms))
    if not quiet and not around.settings.flag("output.quiet"):
        line = job_summary(result)
        if line is not None:
            echo_error(line)
    end_like(result.ending)
