"""What roar is told about this package; imports the standard library and the plugin API only."""

from __future__ import annotations

from collections.abc import Sequence

from roar_core.plugin import SettingSpec, TracerSpec, hookimpl

ROAR_API = (1, 0)


@hookimpl
def roar_register_tracers() -> Sequence[TracerSpec]:
    """Returns the preload tracer."""
    return (
        TracerSpec(
            name="preload",
            factory="roar_tracer_preload.tracer:PreloadTracer",
            summary="a library in each program takes note of what it opens; the fastest for short jobs",
            priority=30,
            platforms=("linux", "darwin"),  # macOS: experimental, docs/tracers.md
        ),
    )


@hookimpl
def roar_register_settings() -> Sequence[SettingSpec]:
    """Returns whether programs that nothing can be loaded into are observed in another way."""
    return (
        SettingSpec(
            key="tracer.static",
            type="bool",
            default=True,
            help="let the preload tracer observe static programs through a seccomp filter; false: they are gaps",
        ),
    )
