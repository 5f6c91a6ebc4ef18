"""`roar filter`: paths that are left out, for all who share the project."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from roar_core.cli.context import Context
from roar_core.cli.options import json_option
from roar_core.cli.output import echo, emit_json, width
from roar_core.config_file import set_value
from roar_core.errors import NotFound, RoarError, UsageError
from roar_core.shared_config import SHARED_KEY, read_shared_patterns

READABLE = 0o644  # it is committed, and so no secret


def complete_pattern(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Returns the shared patterns that begin so."""
    try:
        patterns = read_shared_patterns(context.obj.project)
    except (RoarError, OSError):
        return []
    return [CompletionItem(pattern) for pattern in patterns if pattern.startswith(incomplete)]


@click.group("filter", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Leave paths out of what is recorded from now on, by patterns in `.roarconfig`, which is meant to be committed.

    Patterns are those of a .gitignore: `*` and `?` stay within a folder, `**` does not; without a slash a pattern fits
    a name at any depth, else it is taken from the project's root. Those of the setting filters.ignore_paths, which is
    not shared, hold as well.

    \b
      roar filter add 'logs/**' '*.tmp'
      roar filter list
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@command.command("add")
@click.argument("patterns", nargs=-1, required=True, metavar="PATTERN...")
@click.pass_obj
def add_patterns(context: Context, patterns: tuple[str, ...]) -> None:
    """Add patterns."""
    held = read_shared_patterns(context.project)
    for pattern in patterns:
        if not pattern.strip("/") or not pattern.isprintable():
            raise UsageError(f"not a pattern of paths: `{pattern}`", "roar filter add 'logs/**'")
    set_value(
        context.project.shared_config_file,
        SHARED_KEY,
        tuple(dict.fromkeys((*held, *patterns))),
        mode=READABLE,
    )


@command.command("list")
@json_option
@click.pass_obj
def list_patterns(context: Context, as_json: bool) -> None:
    """List the patterns, with where each comes from."""
    from roar_core.cli.table import columns

    shared = read_shared_patterns(context.project)
    own = context.settings.origin(SHARED_KEY)
    found = [
        (pattern, "shared file" if pattern in shared else own)
        for pattern in context.settings.items_of(SHARED_KEY)
    ]
    if as_json:
        emit_json([{"pattern": pattern, "origin": origin} for pattern, origin in found])
    elif found:
        echo(columns([(origin, pattern) for pattern, origin in found], width=width(), wrapped=True))


@command.command("remove")
@click.argument("patterns", nargs=-1, required=True, metavar="PATTERN...", shell_complete=complete_pattern)
@click.pass_obj
def remove_patterns(context: Context, patterns: tuple[str, ...]) -> None:
    """Remove patterns."""
    held = read_shared_patterns(context.project)
    for pattern in patterns:
        if pattern not in held:
            raise NotFound(f"no such pattern in .roarconfig: `{pattern}`", "roar filter list")
    left = tuple(pattern for pattern in held if pattern not in patterns)
    set_value(context.project.shared_config_file, SHARED_KEY, left, mode=READABLE)
