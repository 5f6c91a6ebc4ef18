"""`roar` itself."""

from __future__ import annotations

from collections.abc import Sequence

import click

from roar_core import __version__
from roar_core.cli.lazy import LazyGroup
from roar_core.plugin.specs import CommandSpec


class RootGroup(LazyGroup):
    """The commands of all plugins."""

    def specs(self, ctx: click.Context) -> Sequence[CommandSpec]:
        """Returns what the plugins register."""
        specs: Sequence[CommandSpec] = ctx.obj.installed_plugins.commands
        return specs

    def make(self, ctx: click.Context, spec: CommandSpec) -> click.Command:
        """Returns the command that a plugin names. Raises RoarError naming its distribution."""
        command: click.Command = ctx.obj.installed_plugins.load_command(spec)
        return command


@click.group(
    cls=RootGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option("--debug", is_flag=True, help="Show where an error comes from.")
@click.version_option(__version__, "-V", "--version", prog_name="roar", message="%(prog)s %(version)s")
@click.pass_context
def root(context: click.Context, debug: bool) -> None:
    """Record what a command read and wrote, and keep the lineage of every file.

    \b
      roar init                      make this folder a project
      roar run python train.py       run a command and record it
      roar dag                       see how the current files came about
    """
    context.obj.debug = debug
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
