"""A command group that imports a command when it is used; listing them takes their specifications only."""

from __future__ import annotations

from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem

from roar_core.cli.messages import UsageMistake
from roar_core.nearest import nearest_word
from roar_core.plugin.specs import CommandSpec


class LazyGroup(click.Group):
    """What the commands are is for the subclass to say."""

    def specs(self, ctx: click.Context) -> Sequence[CommandSpec]:
        """Returns the commands by their specifications."""
        raise NotImplementedError

    def make(self, ctx: click.Context, spec: CommandSpec) -> click.Command:
        """Returns the command of a specification, imported."""
        raise NotImplementedError

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names in the order of the specifications."""
        return [spec.name for spec in self.specs(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Returns the command, imported."""
        found = next((spec for spec in self.specs(ctx) if spec.name == cmd_name), None)
        return None if found is None else self.make(ctx, found)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Returns the command that the arguments name. Raises UsageMistake naming the nearest one."""
        name = args[0]
        command = self.get_command(ctx, name)
        if command is None and not ctx.resilient_parsing:
            near = nearest_word(name, self.list_commands(ctx))
            hint = f"did you mean `{ctx.command_path} {near}`?" if near else f"{ctx.command_path} --help"
            raise UsageMistake(f"unknown command: `{name}`", hint, ctx)
        return (name if command else None), command, args[1:]

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Returns the commands and options that begin so, without importing any command."""
        found = [
            CompletionItem(s.name, help=s.summary) for s in self.specs(ctx) if s.name.startswith(incomplete)
        ]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the commands below the headings of their groups."""
        headings: dict[str, list[tuple[str, str]]] = {}
        for spec in self.specs(ctx):
            headings.setdefault(spec.group, []).append((spec.name, spec.summary))
        longest = max(len(name) for rows in headings.values() for name, _ in rows)
        for heading, rows in headings.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(longest), summary) for name, summary in rows])
