"""Which tracer observes a job."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from roar_core.capture.readiness import Readiness
from roar_core.config import Environment, Settings
from roar_core.errors import CannotStart, RoarError, UsageError
from roar_core.nearest import nearest_word
from roar_core.plugin.manager import PluginManager
from roar_core.plugin.protocols import Availability, Tracer
from roar_core.plugin.specs import TracerSpec

AUTO, NONE = "auto", "none"


class Choice(NamedTuple):
    """A tracer that works here. `warning` says so where it is not the one that the settings ask for."""

    spec: TracerSpec
    tracer: Tracer
    availability: Availability
    warning: str | None = None


def choose_tracer(
    plugins: PluginManager,
    settings: Settings,
    environment: Environment,
    requested: str | None = None,
    failed: Mapping[str, str] | None = None,
) -> Choice | None:
    """Returns the tracer to use; None: the user wants none.

    `requested` is what the command line says; nothing takes the place of a tracer that is named there. `failed`:
    tracers that have failed to start, with why. Raises UsageError for an unknown name, CannotStart where none works.
    """
    name = requested or settings.text("tracer.default")
    specs = {spec.name: spec for spec in plugins.tracers if sys.platform in spec.platforms}
    if name == NONE:
        return None
    check_name(name, list(specs))
    first = [] if name == AUTO else [specs[name]]
    others = [] if requested and name != AUTO else [spec for spec in specs.values() if spec not in first]
    if first and not settings.flag("tracer.fallback"):
        others = []
    readiness = Readiness(environment)
    for anew in (False, True):
        refusals: list[tuple[str, Availability]] = []
        for spec in first + others:
            if failed and spec.name in failed:
                reason = f"it failed to start: {failed[spec.name]}"
                refusals.append((spec.name, Availability(False, reason=reason)))
                continue
            tracer, answer = _ask(plugins, spec, readiness, anew=anew)
            if tracer is not None and answer.usable:
                warning = _replaced(refusals[0], spec.name) if refusals and (first or failed) else None
                return Choice(spec, tracer, answer, warning)
            refusals.append((spec.name, answer))
        if not readiness.recalled:  # what another sandbox may have made it remember is not the last word
            break
    raise _none_usable(refusals)


def forget(choice: Choice, environment: Environment) -> None:
    """Forgets that a tracer works here, since it failed to start."""
    Readiness(environment).forget(choice.spec.name, choice.tracer)


def ask_all(
    plugins: PluginManager, environment: Environment, *, anew: bool = True
) -> list[tuple[TracerSpec, Availability]]:
    """Returns what each tracer says of itself here."""
    readiness = Readiness(environment)
    return [(spec, _ask(plugins, spec, readiness, anew=anew)[1]) for spec in plugins.tracers]


def ask_one(
    plugins: PluginManager, environment: Environment, spec: TracerSpec
) -> tuple[Tracer | None, Availability]:
    """Returns a tracer and what it says of itself here, asked anew; None where it can't be made."""
    return _ask(plugins, spec, Readiness(environment), anew=True)


def _ask(
    plugins: PluginManager, spec: TracerSpec, readiness: Readiness, *, anew: bool = False
) -> tuple[Tracer | None, Availability]:
    if sys.platform not in spec.platforms:
        return None, Availability(False, reason=f"it is not for {sys.platform}")
    try:
        tracer: Tracer = plugins.make(spec)
        return tracer, readiness.ask(spec.name, tracer, anew=anew)
    except RoarError as error:
        return None, Availability(False, reason=error.message, hint=error.hint)
    except Exception as error:  # noqa: BLE001  # a plugin may fail in any way
        return None, Availability(False, reason=f"its plugin raised {type(error).__name__}: {error}")


def check_name(name: str, known: Sequence[str]) -> None:
    """Does nothing where `name` can be asked for. Raises UsageError naming the nearest tracer."""
    names = [AUTO, *known, NONE]
    if name not in names:
        near = nearest_word(name, names)
        there = f"there are {', '.join(names)}"
        raise UsageError(f"unknown tracer: `{name}`", f"did you mean `{near}`? {there}" if near else there)


def _replaced(refusal: tuple[str, Availability], used: str) -> str:
    return f"tracer `{refusal[0]}` does not work here ({refusal[1].reason}); using `{used}`"


def _none_usable(refusals: Sequence[tuple[str, Availability]]) -> CannotStart:
    without = "to run without recording files: roar run --tracer none …"
    if not refusals:
        return CannotStart(
            "cannot observe the command: no tracer is installed", f"pip install roar-tracer-ptrace; {without}"
        )
    reasons = "; ".join(f"`{name}`: {answer.reason or 'it does not say why'}" for name, answer in refusals)
    hints = [answer.hint for _, answer in refusals if answer.hint]
    return CannotStart(f"cannot observe the command: {reasons}", "; ".join([*dict.fromkeys(hints), without]))
