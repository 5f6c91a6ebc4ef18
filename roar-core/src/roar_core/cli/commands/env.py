"""`roar env`: variables that every job is given."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from roar_core.capture.secret_names import looks_secret
from roar_core.capture.variables import NAME, read_variables
from roar_core.cli.context import Context
from roar_core.cli.options import json_option
from roar_core.cli.output import echo, emit_json, style, width
from roar_core.config_file import set_value, unset_value
from roar_core.errors import NotFound, RoarError, UsageError


def complete_variable(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Returns the variables that are set and begin so."""
    try:
        names = sorted(read_variables(context.obj.project))
    except (RoarError, OSError):
        return []
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


name_argument = click.argument("name", shell_complete=complete_variable)


@click.group("env", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Set variables that every `roar run` and `roar build` in this project gives to its command.

    They stand over variables of the same names that roar was started with; for one run another value is given by
    `roar run env NAME=VALUE COMMAND`. What they were is recorded with each job, but for those whose names look secret.

    \b
      roar env set OMP_NUM_THREADS=4 PYTHONHASHSEED=0
      roar env list
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@command.command("set")
@click.argument("assignments", nargs=-1, required=True, metavar="NAME=VALUE...")
@click.pass_obj
def set_variables(context: Context, assignments: tuple[str, ...]) -> None:
    """Set variables."""
    path = context.project.variables_file
    for name, value in list(map(_parsed, assignments)):
        set_value(path, name, value)


@command.command("get")
@name_argument
@json_option
@click.pass_obj
def get_variable(context: Context, name: str, as_json: bool) -> None:
    """Print the value of one variable."""
    variables = read_variables(context.project)
    if name not in variables:
        raise _not_set(name)
    if as_json:
        emit_json({"name": name, "value": variables[name]})
    else:
        echo(variables[name])


@command.command("list")
@json_option
@click.pass_obj
def list_variables(context: Context, as_json: bool) -> None:
    """List the variables. Those whose names look secret are listed without their values."""
    from roar_core.cli.table import columns
    from roar_core.cli.text import one_line

    variables = sorted(read_variables(context.project).items())
    if as_json:
        emit_json(
            [
                {"name": name, "value": None if looks_secret(name) else value, "secret": looks_secret(name)}
                for name, value in variables
            ]
        )
    elif variables:
        rows = [
            (
                name,
                style("not shown: its name looks secret", "dim") if looks_secret(name) else one_line(value),
            )
            for name, value in variables
        ]
        echo(columns(rows, width=width(), wrapped=True))


@command.command("unset")
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=complete_variable)
@click.pass_obj
def unset_variables(context: Context, names: tuple[str, ...]) -> None:
    """Give jobs these variables no more."""
    for name in names:
        if not unset_value(context.project.variables_file, name):
            raise _not_set(name)


def _parsed(assignment: str) -> tuple[str, str]:
    name, separator, value = assignment.partition("=")
    if not separator:
        raise UsageError(f"variable has no value: `{assignment}`", "roar env set NAME=VALUE")
    if not NAME.fullmatch(name):
        raise UsageError(f"not a name of a variable: `{name}`", "roar env set NAME=VALUE")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise UsageError(f"value is not UTF-8: `{name}`", "roar env set NAME=VALUE") from None
    return name, value


def _not_set(name: str) -> NotFound:
    return NotFound(f"no such variable is set: `{name}`", "roar env list")
