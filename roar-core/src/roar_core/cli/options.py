"""Options and arguments that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from roar_core.cli.complete import complete_command

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

# For `run` and `trace`: the first word that is no option is the command, and all that follows belongs to it.
PASS_THROUGH: Mapping[str, Any] = {"allow_interspersed_args": False}


def json_option(command: Decorated) -> Decorated:
    """Adds `--json`, handed over as `as_json`; errors are JSON from then on."""
    return click.option(
        "--json",
        "as_json",
        is_flag=True,
        is_eager=True,
        callback=_remember,
        help="Print JSON, errors on standard error too.",
    )(command)


def command_argument(command: Decorated) -> Decorated:
    """Adds the command that the user wants run, handed over untouched as `command`."""
    return click.argument(
        "command",
        nargs=-1,
        required=True,
        type=click.UNPROCESSED,
        metavar="COMMAND...",
        shell_complete=complete_command,
    )(command)


def _remember(context: click.Context, parameter: click.Parameter, value: bool) -> bool:
    if value and context.obj is not None:
        context.obj.json_errors = True
    return value
