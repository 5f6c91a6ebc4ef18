"""`roar doctor`: look for what is wrong."""

from __future__ import annotations

from collections.abc import Iterator

import click

from roar_core.cli.context import Context
from roar_core.cli.options import json_option
from roar_core.cli.output import echo, emit_json, style
from roar_core.errors import RoarError
from roar_core.health.finding import Finding, ok, problem, warning

MARKS = {"ok": ("ok", "green"), "warning": ("note", "yellow"), "problem": ("wrong", "red")}


@click.command("doctor")
@json_option
@click.pass_context
def command(click_context: click.Context, as_json: bool) -> None:
    """Look for what is wrong, and say how to mend it. Changes nothing.

    Looks at Python, git, plugins, tracers, settings, and in a project at its owner, file system, clock, database and
    runs that wait. Exit status 1 if something is wrong.

    \b
      roar doctor
      roar doctor --json
    """
    found = list(findings(click_context.obj))
    if as_json:
        emit_json([{"check": f.check, "state": f.state, "text": f.text, "hint": f.hint} for f in found])
    else:
        for finding in found:
            _show(finding)
    click_context.exit(1 if any(finding.state == "problem" for finding in found) else 0)


def findings(context: Context) -> Iterator[Finding]:
    """Yields what all checks find. A check that itself fails is a problem, and the others are made."""
    from roar_core.health import machine, plugins

    yield machine.check_python()
    yield machine.check_git()
    yield from plugins.check_plugins(context.installed_plugins)
    yield from plugins.check_tracers(context.installed_plugins, context.environment)
    yield from _check_settings(context)
    yield from _check_project(context)


def _check_settings(context: Context) -> Iterator[Finding]:
    try:
        _, problems = context.sound_settings
    except RoarError:
        return  # the project's findings say it
    for error in problems:
        yield problem("settings", error.message, error.hint)
    if not problems:
        yield ok("settings", "understood")


def _check_project(context: Context) -> Iterator[Finding]:
    from roar_core.health import machine, project
    from roar_core.project import find_project

    try:
        found = find_project(context.cwd)
    except RoarError as error:
        yield problem("project", error.message, error.hint)
        return
    if found is None:
        yield warning("project", "there is none here or above", "roar init")
        return
    owned = project.check_project(found)
    yield owned
    if owned.state == "ok":
        yield project.check_file_system(found)
        yield machine.check_clock(str(found.directory))
        yield project.check_database(found)
        yield from project.check_spool(found, context.environment)


def _show(finding: Finding) -> None:
    word, color = MARKS[finding.state]
    echo(f"{style(word, color)}{' ' * (6 - len(word))}{finding.check}: {finding.text}")
    if finding.hint:
        echo(f"      {style('hint:', 'bold')} {finding.hint}")
