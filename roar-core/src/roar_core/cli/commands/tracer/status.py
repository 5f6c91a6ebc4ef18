"""`roar tracer status`: which tracers work here."""

from __future__ import annotations

import click

from roar_core.capture.choose import AUTO, NONE, ask_all
from roar_core.cli.context import Context
from roar_core.cli.options import json_option
from roar_core.cli.output import echo, emit_json, style, width
from roar_core.cli.table import columns
from roar_core.plugin.protocols import Availability
from roar_core.plugin.specs import TracerSpec


@click.command("status")
@json_option
@click.pass_obj
def status(context: Context, as_json: bool = False) -> None:
    """Ask each tracer whether it works here, and why not.

    `*` marks the one that `roar run` takes.
    """
    default = context.settings.text("tracer.default")
    answers = ask_all(context.plugins, context.environment)
    chosen = _chosen(default, answers, context.settings.flag("tracer.fallback"))
    if as_json:
        emit_json([_json(spec, answer, spec.name == chosen) for spec, answer in answers])
        return
    rows = [
        (
            f"{'*' if spec.name == chosen else ' '} {spec.name}",
            answer.version or "-",
            style("works", "green") if answer.usable else style("does not work", "yellow"),
            spec.summary if answer.usable else answer.reason or "it does not say why",
        )
        for spec, answer in answers
    ]
    echo(columns(rows, width=width(), wrapped=True) if rows else "no tracer is installed")
    for spec, answer in answers:
        if answer.hint and not answer.usable:
            echo(f"{style('hint:', 'bold')} {spec.name}: {answer.hint}")
    if not rows:
        echo(f"{style('hint:', 'bold')} pip install roar-tracer-ptrace")
    echo(f"tracer.default is {default} ({context.settings.origin('tracer.default')})")


def _chosen(default: str, answers: list[tuple[TracerSpec, Availability]], fallback: bool) -> str | None:
    usable = [spec.name for spec, answer in answers if answer.usable]
    if default == NONE or default in usable:
        return default
    return usable[0] if usable and (default == AUTO or fallback) else None


def _json(spec: TracerSpec, answer: Availability, chosen: bool) -> dict[str, object]:
    return {
        "name": spec.name,
        "summary": spec.summary,
        "priority": spec.priority,
        "version": answer.version,
        "usable": answer.usable,
        "reason": answer.reason,
        "hint": answer.hint,
        "chosen": chosen,
    }
