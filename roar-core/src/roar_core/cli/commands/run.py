"""`roar run`."""

from __future__ import annotations

import click

from roar_core.cli.context import Context
from roar_core.cli.options import PASS_THROUGH
from roar_core.cli.recording import record_and_end, recording_options


@click.command(context_settings=dict(PASS_THROUGH))
@recording_options
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
    from roar_core.capture.run import RunRequest

    record_and_end(context, RunRequest(command, name, tracer, algorithms), quiet=quiet)
