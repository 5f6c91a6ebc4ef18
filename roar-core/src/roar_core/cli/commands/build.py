"""`roar build`."""

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
    """Run COMMAND, which sets up what runs need (compile, install, generate), and record it as a build.

    It is recorded as `roar run` does, with inputs and outputs. Its steps are counted apart: `@B1`, `@B2`. To repeat
    one, put `@BN` in place of a command.

    \b
      roar build make -j4
      roar build pip install -e .
      roar build @B1

    Exit status: the command's; 127 and 126 as in a shell; 125 where roar could not start it; 2 for wrong use.
    """
    from roar_core.capture.run import RunRequest

    record_and_end(context, RunRequest(command, name, tracer, algorithms, kind="build"), quiet=quiet)
