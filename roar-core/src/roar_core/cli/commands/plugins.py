"""`roar plugins`: what is loaded, and what is not."""

from __future__ import annotations

from typing import NamedTuple

import click

from roar_core.cli.context import Context
from roar_core.cli.options import json_option
from roar_core.cli.output import echo, emit_json, style, width
from roar_core.cli.table import columns
from roar_core.plugin.hookspecs import API_VERSION
from roar_core.plugin.manager import PluginManager


class PluginRow(NamedTuple):
    """What is shown of one plugin."""

    name: str
    distribution: str
    version: str
    state: str
    registers: tuple[str, ...]
    problems: tuple[str, ...]


@click.command("plugins")
@json_option
@click.pass_obj
def command(context: Context, as_json: bool) -> None:
    """List the plugins: where each comes from, what it registers, and what is wrong with it.

    \b
      roar plugins
      ROAR_DISABLE_PLUGINS=NAME roar …     leave out a plugin or a distribution
      ROAR_TRACE_HOOKS=1 roar …            show each call of a plugin
    """
    plugins = context.installed_plugins
    rows = plugin_rows(plugins)
    conflicts = [error.message for error in plugins.conflicts]
    if as_json:
        emit_json(
            {
                "api": ".".join(map(str, API_VERSION)),
                "plugins": [
                    {
                        "name": row.name,
                        "distribution": row.distribution,
                        "version": row.version,
                        "state": row.state,
                        "registers": list(row.registers),
                        "problems": list(row.problems),
                    }
                    for row in rows
                ],
                "conflicts": conflicts,
            }
        )
        return
    table = [
        (row.name, f"{row.distribution} {row.version}", row.state, _brief(row.registers)) for row in rows
    ]
    echo(columns(table, ("PLUGIN", "FROM", "STATE", "REGISTERS"), width=width(), wrapped=True))
    for text in [f"{row.name}: {problem}" for row in rows for problem in row.problems] + conflicts:
        echo(f"{style('problem:', 'red')} {text}")


def plugin_rows(plugins: PluginManager) -> list[PluginRow]:
    """Returns all plugins that were found: loaded ones, broken ones, disabled ones."""
    problems: dict[str, list[str]] = {}
    found = list(plugins.plugins.values())
    for problem in plugins.problems:
        problems.setdefault(problem.plugin, []).append(problem.reason)
    found += [info for info in plugins.refused if info not in found]
    rows = [
        PluginRow(
            info.name,
            info.distribution,
            info.version,
            "loaded" if info.name in plugins.plugins else "broken",
            plugins.registered_by(info),
            tuple(problems.get(info.name, ())),
        )
        for info in found
    ]
    rows += [
        PluginRow(info.name, info.distribution, info.version, "disabled", (), ()) for info in plugins.disabled
    ]
    return rows


def _brief(registers: tuple[str, ...]) -> str:
    """Names where a kind has a few, a number where it has many."""
    kinds: dict[str, list[str]] = {}
    for entry in registers:
        kind, _, name = entry.rpartition(" ")
        kinds.setdefault(kind, []).append(name)
    return "; ".join(
        f"{kind} {', '.join(names)}" if len(names) <= 4 else f"{len(names)} {kind}s"
        for kind, names in kinds.items()
    )
