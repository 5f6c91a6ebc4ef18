"""The preload tracer as roar drives it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from roar_core.plugin.protocols import TraceOptions
from roar_core.plugin.tracing import ProgramTracer

import roar_tracer_preload

BLIND = {
    "set_id": "no library is loaded into it, so it runs unobserved",
    "protected": "macOS loads no library into it, so it runs unobserved: run one that is not the system's,"
    " from Homebrew or a virtual environment, or a copy of it elsewhere",
}


class PreloadTracer(ProgramTracer):
    """Observes from inside the programs."""

    def __init__(self, program: Path | None = None) -> None:
        super().__init__("roar-tracer-preload", "roar-tracer-preload", roar_tracer_preload.__file__, program)

    def options(self, options: TraceOptions) -> Sequence[str]:
        """Returns what to do with programs into which nothing can be loaded."""
        return ("--static", "yes" if options.static_programs else "no")

    def blind_spots(self, traits: Collection[str]) -> Mapping[str, str]:
        """Returns what keeps it from seeing a program: loaders load nothing into some (ld.so(8), SIP)."""
        return {trait: reason for trait, reason in BLIND.items() if trait in traits}
