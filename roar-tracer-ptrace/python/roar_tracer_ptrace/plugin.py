"""What roar is told about this package; imports the standard library and the plugin API only."""

from __future__ import annotations

from collections.abc import Sequence

from roar_core.plugin import SettingSpec, TracerSpec, hookimpl

ROAR_API = (1, 0)


@hookimpl
def roar_register_tracers() -> Sequence[TracerSpec]:
    """Returns the ptrace tracer."""
    return (
        TracerSpec(
            name="ptrace",
            factory="roar_tracer_ptrace.tracer:PtraceTracer",
            summary="sees every program that the kernel lets it trace; one stop for each call that names a path",
            priority=10,
        ),
    )


@hookimpl
def roar_register_settings() -> Sequence[SettingSpec]:
    """Returns how the tracer learns of calls."""
    return (
        SettingSpec(
            key="tracer.ptrace_mode",
            type="str",
            default="auto",
            help="how the ptrace tracer learns of calls: seccomp notification, or stops where that is refused",
            choices=("auto", "notify", "trace"),
        ),
    )
