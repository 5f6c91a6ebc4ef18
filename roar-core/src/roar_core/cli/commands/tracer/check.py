"""`roar tracer check`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import click

from roar_core.capture.choose import NONE, ask_one, check_name, choose_tracer
from roar_core.capture.program_files import TRAITS, ProgramFile, follow_command
from roar_core.cli.complete import complete_tracer
from roar_core.cli.context import Context
from roar_core.cli.options import json_option
from roar_core.cli.output import echo, emit_json, style, width
from roar_core.cli.table import columns
from roar_core.cli.text import one_line
from roar_core.errors import UsageError
from roar_core.plugin.protocols import Availability, Tracer
from roar_core.plugin.specs import TracerSpec

NOT_WHOLE = 1


class CheckCommand(click.Command):
    """Keeps what stands behind `--` apart, so that a command is not taken for a tracer."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Returns what is left of the words before `--`; the words behind it are parsed already."""
        at = args.index("--") if "--" in args else len(args)
        if at < len(args) - 1:
            ctx.meta[__name__] = tuple(args[at + 1 :])
        return super().parse_args(ctx, args[:at])


class Verdict(NamedTuple):
    """One file that would be executed; `unseen`: the reasons why the tracer would not see what it does, by trait."""

    file: ProgramFile
    unseen: Mapping[str, str]


@click.command("check", cls=CheckCommand, short_help="Say whether a command would be seen whole.")
@click.argument("name", metavar="[TRACER] [-- COMMAND...]", required=False, shell_complete=complete_tracer)
@json_option
@click.pass_context
def check(click_context: click.Context, name: str | None, as_json: bool) -> None:
    """Say whether a tracer works here and would see a command whole.

    Looks at the files that `-- COMMAND` executes: scripts, their interpreters, and what env, nice, timeout and the
    like launch; not at what these programs start in turn. Without TRACER, the one that `roar run` takes. Ends with 1
    where the answer is no.

    \b
      roar tracer check
      roar tracer check -- ./job.sh
      roar tracer check ptrace --json -- make
    """
    context: Context = click_context.obj
    argv: tuple[str, ...] = click_context.meta.get(__name__, ())
    spec, tracer, answer = _find_tracer(context, name, argv)
    files = follow_command(argv, context.environment.path, context.cwd) if argv else []
    verdicts = [Verdict(file, _unseen(tracer, file)) for file in files]
    whole = answer.usable and not any(verdict.unseen for verdict in verdicts)
    if as_json:
        emit_json(_as_json(spec, answer, verdicts, whole))
    else:
        _show(spec, answer, verdicts, whole)
    click_context.exit(0 if whole else NOT_WHOLE)


def _find_tracer(
    context: Context, name: str | None, argv: Sequence[str]
) -> tuple[TracerSpec, Tracer | None, Availability]:
    if name is None:
        choice = choose_tracer(context.plugins, context.settings, context.environment)
        if choice is None:
            raise UsageError("no tracer is to be used: tracer.default is `none`", "roar tracer check TRACER")
        return choice.spec, choice.tracer, choice.availability
    specs = {spec.name: spec for spec in context.plugins.tracers}
    if name not in specs and not argv and os.path.basename(name) != name:
        raise UsageError(f"unknown tracer: `{name}`", f"for a command: roar tracer check -- {name}")
    check_name(name, list(specs))
    if name not in specs:
        hint = "roar tracer check" if name != NONE else "roar tracer check TRACER"
        raise UsageError(f"not the name of one tracer: `{name}`", hint)
    tracer, answer = ask_one(context.plugins, context.environment, specs[name])
    return specs[name], tracer, answer


def _unseen(tracer: Tracer | None, file: ProgramFile) -> dict[str, str]:
    hides = {"unreadable": TRAITS["unreadable"]} if "unreadable" in file.traits else {}
    ask = getattr(tracer, "blind_spots", None)
    return {**hides, **(ask(file.traits) if ask is not None and file.traits else {})}


def _show(spec: TracerSpec, answer: Availability, verdicts: Sequence[Verdict], whole: bool) -> None:
    rows = [
        (one_line(file.path), _described(file), "; ".join(unseen.values()) or "seen")
        for file, unseen in verdicts
    ]
    if rows:
        echo(columns(rows, ("FILE", "WHAT IT IS", f"BY {spec.name.upper()}"), width=width(), wrapped=True))
    if not answer.usable:
        echo(f"tracer {spec.name} {style('does not work here', 'yellow')}: {answer.reason}")
        if answer.hint:
            echo(f"{style('hint:', 'bold')} {answer.hint}")
    elif not verdicts:
        echo(f"tracer {spec.name} {style('works here', 'green')}")
    elif whole:
        echo(f"{style('seen whole', 'green')} by {spec.name}, as far as these programs do it themselves")
    else:
        echo(f"{style('not seen whole', 'yellow')} by {spec.name}")
        echo(f"{style('hint:', 'bold')} see which tracers there are: roar tracer status")


def _described(file: ProgramFile) -> str:
    what = f"script for {file.interpreter}" if file.kind == "script" else file.kind
    return "; ".join([what, *(TRAITS[trait] for trait in file.traits)])


def _as_json(
    spec: TracerSpec, answer: Availability, verdicts: Sequence[Verdict], whole: bool
) -> dict[str, object]:
    return {
        "tracer": spec.name,
        "usable": answer.usable,
        "reason": answer.reason,
        "hint": answer.hint,
        "whole": whole,
        "programs": [
            {
                "path": file.path,
                "kind": file.kind,
                "interpreter": file.interpreter,
                "traits": list(file.traits),
                "unseen": [{"trait": trait, "reason": reason} for trait, reason in unseen.items()],
            }
            for file, unseen in verdicts
        ],
    }
