"""`roar label`: what a user has to say of a job, a content or a session."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import click

from roar_core.cli.complete import complete_reference
from roar_core.cli.context import Context
from roar_core.cli.options import json_option
from roar_core.cli.output import echo, emit_json, width
from roar_core.errors import NotFound, UsageError

if TYPE_CHECKING:
    from roar_core.store.labels import Labelled
    from roar_core.store.store import Store

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,127}")
LONGEST_VALUE = 65_536  # bytes

target_argument = click.argument("target", shell_complete=complete_reference)


@click.group("label", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Say something of a job, a content or a session, in words of your own: KEY=VALUE.

    TARGET is a job (`@2`, its uid), a content (a digest, the path of a file that jobs met: what it held last), a folder
    (all files in it, as they are now), `session` for this session, or `session:UID`. A changed label keeps its earlier
    values.

    \b
      roar label set model.pt stage=candidate owner="Ada L."
      roar label set session title="ablations for the paper"
      roar label show @2
      roar label history model.pt stage
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@command.command("set")
@target_argument
@click.argument("labels", nargs=-1, required=True, metavar="KEY=VALUE...")
@click.pass_obj
def set_label(context: Context, target: str, labels: tuple[str, ...]) -> None:
    """Set labels of TARGET.

    Of a folder, the digest is printed by which `roar show` finds it.
    """
    from roar_core.store.labels import set_labels

    wanted = dict(map(_parsed, labels))
    with context.store() as store:
        labelled = _find(context, store, target, make=True)
        with store.writing() as connection:
            set_labels(connection, labelled, wanted, time.time_ns())


@command.command("unset")
@target_argument
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@click.pass_obj
def unset_label(context: Context, target: str, keys: tuple[str, ...]) -> None:
    """Take labels of TARGET away.

    `roar label history` still shows them.
    """
    from roar_core.store.labels import get_labels, unset_labels

    with context.store() as store:
        labelled = _find(context, store, target)
        with store.writing() as connection:
            held = get_labels(connection, labelled)
            for key in keys:
                if key not in held:
                    raise NotFound(f"`{target}` has no such label: `{key}`", f"roar label show {target}")
            unset_labels(connection, labelled, dict.fromkeys(keys), time.time_ns())


@command.command("show")
@target_argument
@json_option
@click.pass_obj
def show_labels(context: Context, target: str, as_json: bool) -> None:
    """Print the labels of TARGET."""
    from roar_core.cli.table import columns
    from roar_core.cli.text import one_line
    from roar_core.store.labels import get_labels

    with context.store() as store:
        labels = get_labels(store.connection, _find(context, store, target))
    if as_json:
        emit_json(labels)
    elif labels:
        echo(columns([(key, one_line(value)) for key, value in labels.items()], width=width(), wrapped=True))


@command.command("history")
@target_argument
@click.argument("key", required=False)
@json_option
@click.pass_obj
def show_history(context: Context, target: str, key: str | None, as_json: bool) -> None:
    """Print all that was said of TARGET, newest first.

    With KEY, only of that label.
    """
    from roar_core.cli.json_shapes import time_json
    from roar_core.cli.output import style
    from roar_core.cli.table import columns
    from roar_core.cli.text import one_line
    from roar_core.cli.units import human_age
    from roar_core.store.labels import list_label_versions

    with context.store() as store:
        versions = list_label_versions(store.connection, _find(context, store, target), key)
    if as_json:
        emit_json([{"key": v.key, "value": v.value, "set_at": time_json(v.set_ns)} for v in versions])
    elif versions:
        rows = [
            (
                human_age(version.set_ns),
                version.key,
                style("taken away", "dim") if version.value is None else one_line(version.value),
            )
            for version in versions
        ]
        echo(columns(rows, width=width(), wrapped=True))


def _find(context: Context, store: Store, target: str, *, make: bool = False) -> Labelled:
    """Returns what labels of `target` are on. `make`: a folder becomes an artifact if it is none yet, and is named."""
    from roar_core.cli.folders import composite_of_folder
    from roar_core.cli.labelled import find_labelled
    from roar_core.cli.sessions import names_session
    from roar_core.store.artifacts import get_artifact
    from roar_core.store.labels import Labelled

    if not target.startswith("@") and not names_session(target):
        composite = composite_of_folder(context, store, target, make=make)
        if composite is not None:
            if make:
                digests = get_artifact(store.connection, composite).digests
                echo("".join(f"{name}:{value}" for name, value in digests.items()))
            return Labelled("artifact", composite)
    return find_labelled(store.connection, context.project, context.cwd, target)


def _parsed(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator:
        raise UsageError(f"label has no value: `{text}`", "roar label set TARGET KEY=VALUE")
    if not _KEY.fullmatch(key):
        raise UsageError(
            f"not a key of letters, digits, `.`, `_`, `-` and `/`: `{key}`", "roar label set TARGET KEY=VALUE"
        )
    if len(value.encode("utf-8", "surrogateescape")) > LONGEST_VALUE:
        raise UsageError(
            f"value is longer than {LONGEST_VALUE} bytes: `{key}`", "keep it in a file, and label its path"
        )
    return key, value
