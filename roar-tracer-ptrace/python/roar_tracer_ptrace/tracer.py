"""The ptrace tracer as roar drives it."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from roar_core.plugin.protocols import TraceOptions
from roar_core.plugin.tracing import ProgramTracer

import roar_tracer_ptrace


class PtraceTracer(ProgramTracer):
    """Observes by ptrace and seccomp."""

    def __init__(self, program: Path | None = None) -> None:
        super().__init__("roar-tracer-ptrace", "roar-tracer-ptrace", roar_tracer_ptrace.__file__, program)

    def options(self, options: TraceOptions) -> Sequence[str]:
        """Returns how calls are caught: by notification, or by stops."""
        return ("--mode", options.mode)

    def blind_spots(self, traits: Collection[str]) -> Mapping[str, str]:
        """Returns what keeps it from seeing a program whole: an ordinary user's filter needs NO_NEW_PRIVS."""
        if "set_id" in traits and os.geteuid() != 0:
            return {"set_id": "it is started without its privileges, as under strace, and may fail"}
        return {}
