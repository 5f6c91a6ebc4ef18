"""A plugin for the tests: the ptrace tracer under `strace -D`, which kills it where a variable says."""

from __future__ import annotations

import os

from roar_core.plugin import TracerSpec, hookimpl
from roar_core.plugin.protocols import Availability, LaunchPlan, TraceOptions


@hookimpl
def roar_register_tracers() -> list[TracerSpec]:
    return [
        TracerSpec(
            "killed", "killing_tracer:KilledTracer", "the ptrace tracer, killed in the act", priority=-10
        )
    ]


class KilledTracer:
    """Delegates to the ptrace tracer."""

    def __init__(self) -> None:
        from roar_tracer_ptrace.tracer import PtraceTracer

        self._tracer = PtraceTracer()

    def probe(self) -> Availability:
        return self._tracer.probe()

    def command(self, argv: tuple[str, ...], options: TraceOptions) -> LaunchPlan:
        plan = self._tracer.command(argv, options)
        log, fault = os.environ["FAULT_LOG"], os.environ["FAULT"]  # the strace options that inject it
        strace = ("/usr/bin/strace", "-D", "-o", log, *fault.split())
        return LaunchPlan((*strace, *plan.argv), plan.env)
