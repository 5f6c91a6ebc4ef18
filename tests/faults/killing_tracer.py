"""A plugin for the tests: another tracer under `strace -D`, which kills it where a variable says."""

from __future__ import annotations

import os

from roar_core.plugin import TracerSpec, hookimpl
from roar_core.plugin.loading import load_object
from roar_core.plugin.protocols import Availability, LaunchPlan, TraceOptions, Tracer


@hookimpl
def roar_register_tracers() -> list[TracerSpec]:
    return [
        TracerSpec("killed", "killing_tracer:KilledTracer", "another tracer, killed in the act", priority=-10)
    ]


class KilledTracer:
    """Delegates to the tracer whose factory a variable names."""

    def __init__(self) -> None:
        self._tracer: Tracer = load_object(os.environ["FAULT_TRACER"])()

    def probe(self) -> Availability:
        return self._tracer.probe()

    def command(self, argv: tuple[str, ...], options: TraceOptions) -> LaunchPlan:
        plan = self._tracer.command(argv, options)
        log, fault = os.environ["FAULT_LOG"], os.environ["FAULT"]  # the strace options that inject it
        strace = ("/usr/bin/strace", "-D", "-o", log, *fault.split())
        return LaunchPlan((*strace, *plan.argv), plan.env)
