"""The eBPF tracer as roar drives it."""

from __future__ import annotations

import os
from pathlib import Path

from roar_core.plugin.binaries import privileged_copy
from roar_core.plugin.protocols import Availability, PrivilegedProgram
from roar_core.plugin.tracing import ProgramTracer

import roar_tracer_ebpf
from roar_tracer_ebpf import VERSION

CAPABILITIES = ("cap_bpf", "cap_perfmon")


class EbpfTracer(ProgramTracer):
    """Observes by BPF programs on tracepoints.

    `copies` is where root keeps copies of the program that have capabilities; an ordinary user's runs take the one of
    this version.
    """

    def __init__(self, program: Path | None = None, copies: Path | None = None) -> None:
        super().__init__("roar-tracer-ebpf", "roar-tracer-ebpf", roar_tracer_ebpf.__file__, program)
        self._copies = copies

    def program(self) -> Path | None:
        """Returns the copy with capabilities where the user needs and may run it, else the one of the wheel."""
        if self.brought is None or os.geteuid() == 0:
            return self.brought
        copy = privileged_copy(self.name, VERSION)
        copy = self._copies / copy.name if self._copies else copy
        return copy if os.access(copy, os.X_OK) else self.brought

    def probe(self) -> Availability:
        """Returns what the program says of itself here; a copy may be of another version."""
        found = super().probe()
        if not found.usable or found.version == VERSION:
            return found
        reason = f"its program is of another version: `{found.version}`"
        return Availability(False, found.version, reason, "roar tracer enable ebpf")

    def privileged_program(self) -> PrivilegedProgram | None:
        """Returns what `roar tracer enable ebpf` is to install."""
        if self.brought is None:
            return None
        return PrivilegedProgram(self.distribution, self.brought, VERSION, CAPABILITIES)
