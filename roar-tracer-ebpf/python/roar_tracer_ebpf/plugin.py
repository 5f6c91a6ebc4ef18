"""What roar is told about this package; imports the standard library and the plugin API only."""

from __future__ import annotations

from collections.abc import Sequence

from roar_core.plugin import TracerSpec, hookimpl

ROAR_API = (1, 0)


@hookimpl
def roar_register_tracers() -> Sequence[TracerSpec]:
    """Returns the eBPF tracer."""
    return (
        TracerSpec(
            name="ebpf",
            factory="roar_tracer_ebpf.tracer:EbpfTracer",
            summary="sees every program through the kernel's tracepoints, and stops none; needs CAP_BPF",
            priority=20,
        ),
    )
