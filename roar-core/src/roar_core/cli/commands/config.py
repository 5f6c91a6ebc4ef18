"""`roar config`: settings, their origin, changing them."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem

from roar_core.cli.context import Context
from roar_core.cli.options import json_option
from roar_core.cli.output import echo, emit_json, style, width
from roar_core.cli.table import columns
from roar_core.config import Settings, find_spec
from roar_core.config_file import set_value, unset_value
from roar_core.errors import RoarError
from roar_core.plugin.specs import SettingSpec
from roar_core.setting_values import format_bytes, format_value, parse_text


def complete_key(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Returns the settings that begin so."""
    specs = context.obj.installed_plugins.settings
    return [CompletionItem(spec.key, help=spec.help) for spec in specs if spec.key.startswith(incomplete)]


def complete_value(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Returns the values that the setting named before may have."""
    specs = {spec.key: spec for spec in context.obj.installed_plugins.settings}
    spec = specs.get(context.params.get("key") or "")
    choices = () if spec is None else ("true", "false") if spec.type == "bool" else spec.choices
    return [CompletionItem(choice) for choice in choices if choice.startswith(incomplete)]


key_argument = click.argument("key", shell_complete=complete_key)
user_option = click.option("--user", is_flag=True, help="The user's settings, for all projects.")


@click.group("config", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Show and change settings.

    A setting is looked for in the environment (ROAR_TRACER__DEFAULT is tracer.default), in the project's
    .roar/config.toml, in ~/.config/roar/config.toml; else it has its default.

    \b
      roar config list
      roar config set tracer.default ptrace
      ROAR_OUTPUT__QUIET=true roar run make
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@command.command("list")
@json_option
@click.pass_obj
def list_settings(context: Context, as_json: bool) -> None:
    """List all settings with value, default and origin."""
    settings, problems = context.sound_settings
    specs = sorted(context.installed_plugins.settings, key=lambda spec: spec.key)
    if as_json:
        emit_json([setting_json(spec, settings) for spec in specs])
    else:
        rows = [_row(spec, settings) for spec in specs]
        echo(columns(rows, ("SETTING", "ORIGIN", "VALUE"), width=width(), wrapped=True))
    for problem in problems:
        context.warn(problem.message, problem.hint)


@command.command("get")
@key_argument
@json_option
@click.pass_obj
def get_setting(context: Context, key: str, as_json: bool) -> None:
    """Print the value of one setting.

    \b
      roar config get hash.primary
    """
    spec = find_spec({spec.key: spec for spec in context.plugins.settings}, key)
    settings = context.settings
    if as_json:
        emit_json(setting_json(spec, settings))
    else:
        echo(format_value(settings[key]))


@command.command("set")
@key_argument
@click.argument("value", shell_complete=complete_value)
@user_option
@click.pass_obj
def set_setting(context: Context, key: str, value: str, user: bool) -> None:
    """Set one setting, for this project or with --user for all. Comments in the file stay.

    \b
      roar config set hash.run sha256,md5
      roar config set --user output.quiet true
    """
    spec = find_spec({spec.key: spec for spec in context.plugins.settings}, key)
    parsed = parse_text(spec, value, "on the command line")
    set_value(scope_file(context, user), key, value if spec.type == "bytes" else parsed)
    note_override(context, key, user)


@command.command("unset")
@key_argument
@user_option
@click.pass_obj
def unset_setting(context: Context, key: str, user: bool) -> None:
    """Remove one setting, for this project or with --user for all.

    Also removes a setting that roar does not know, which is how to mend a file with a mistake in it.

    \b
      roar config unset tracer.default
    """
    path = scope_file(context, user)
    if not unset_value(path, key):
        find_spec({spec.key: spec for spec in context.plugins.settings}, key)
        context.warn(f"it was not set in `{path}`: `{key}`")


def scope_file(context: Context, user: bool) -> Path:
    """Returns the settings file that is to be changed. Raises RoarError where there is none."""
    if not user:
        return context.project.config_file
    path = context.environment.user_config_file
    if path is None:
        raise RoarError("cannot find your settings: you have no home folder", "set HOME, or XDG_CONFIG_HOME")
    return path


def note_override(context: Context, key: str, user: bool) -> None:
    """Says where what was set does not show, since something else has the last word."""
    origin = context.sound_settings[0].origin(key)
    if origin == "environment" or (user and origin == "project"):
        context.warn(
            f"{'the environment' if origin == 'environment' else 'this project'} has the last word on `{key}`"
        )


def setting_json(spec: SettingSpec, settings: Settings) -> dict[str, object]:
    """Returns a setting as `--json` prints it."""
    return {
        "key": spec.key,
        "value": _plain(settings[spec.key]),
        "default": _plain(spec.default),
        "origin": settings.origin(spec.key),
        "type": spec.type,
        "choices": list(spec.choices),
        "help": spec.help,
    }


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _row(spec: SettingSpec, settings: Settings) -> tuple[str, str, str]:
    value, origin = _listed(spec, settings[spec.key]) or "(none)", settings.origin(spec.key)
    if origin == "default":
        return spec.key, origin, value
    return spec.key, style(origin, "bold"), f"{value} (default {_listed(spec, spec.default) or 'none'})"


def _listed(spec: SettingSpec, value: object) -> str:
    return format_bytes(value) if spec.type == "bytes" and isinstance(value, int) else format_value(value)
