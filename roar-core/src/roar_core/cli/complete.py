"""What the shell offers at Tab."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem


def complete_path(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Returns the request that the shell complete a path."""
    return [CompletionItem(incomplete, type="file")]


def complete_command(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Returns programs on PATH for the first word of a command, paths for the others."""
    return [CompletionItem(incomplete, type="file")]


def complete_tracer(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Returns the names of the tracers."""
    names = [("auto", "the best that works here"), ("none", "no tracer: only that the command was run")]
    names += [(spec.name, spec.summary) for spec in context.obj.installed_plugins.tracers]
    return [CompletionItem(name, help=summary) for name, summary in names if name.startswith(incomplete)]
