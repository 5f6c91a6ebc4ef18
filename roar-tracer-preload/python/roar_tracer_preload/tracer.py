"""The preload tracer as roar drives it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from roar_core.plugin.protocols import TraceOptions
from roar_core.plugin.tracing import ProgramTracer

import roar_tracer_preload


class PreloadTracer(ProgramTracer):
    """Observes from inside the programs."""

    def __init__(self, program: Path | None = None) -> None:
        super().__init__("roar-tracer-preload", "roar-tracer-preload", roar_tracer_preload.__file__, program)

    def options(self, options: TraceOptions) -> Sequence[str]:
        """Returns what to do with programs into which nothing can be loaded."""
        return ("--static", "yes" if options.static_programs else "no")

    def blind_spots(self, traits: Collection[str]) -> Mapping[str, str]:
        """Returns what keeps it from seeing a program: the loader leaves set-id programs alone (ld.so(8))."""
        return {"set_id": "no library is loaded into it, so it runs unobserved"} if "set_id" in traits else {}
