"""The hooks that a plugin may implement. All plugins are asked, in the order of their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from roar_core.plugin.specs import (
        CommandSpec,
        ExporterSpec,
        FilterSpec,
        HasherSpec,
        RegistrySpec,
        SettingSpec,
        StorageSpec,
        TracerSpec,
    )

hookspec = pluggy.HookspecMarker("roar")
hookimpl = pluggy.HookimplMarker("roar")

API_VERSION = (1, 0)


@hookspec
def roar_register_tracers() -> Sequence[TracerSpec]:  # type: ignore[empty-body]  # a hookspec has no body
    """Returns the tracers of this plugin."""


@hookspec
def roar_register_hashers() -> Sequence[HasherSpec]:  # type: ignore[empty-body]  # a hookspec has no body
    """Returns the digest algorithms of this plugin."""


@hookspec
def roar_register_storage_backends() -> Sequence[StorageSpec]:  # type: ignore[empty-body]  # a hookspec has no body
    """Returns the storage backends of this plugin."""


@hookspec
def roar_register_filters() -> Sequence[FilterSpec]:  # type: ignore[empty-body]  # a hookspec has no body
    """Returns the access filters of this plugin."""


@hookspec
def roar_register_registries() -> Sequence[RegistrySpec]:  # type: ignore[empty-body]  # a hookspec has no body
    """Returns the registries of this plugin."""


@hookspec
def roar_register_exporters() -> Sequence[ExporterSpec]:  # type: ignore[empty-body]  # a hookspec has no body
    """Returns the exporters of this plugin."""


@hookspec
def roar_register_commands() -> Sequence[CommandSpec]:  # type: ignore[empty-body]  # a hookspec has no body
    """Returns the commands of this plugin."""


@hookspec
def roar_register_settings() -> Sequence[SettingSpec]:  # type: ignore[empty-body]  # a hookspec has no body
    """Returns the settings of this plugin."""


@hookspec
def roar_describe_environment(job: Mapping[str, object]) -> Mapping[str, object]:  # type: ignore[empty-body]  # no body
    """Returns facts about the job's environment (JSON values), kept under the plugin's name."""


@hookspec
def roar_job_started(job: Mapping[str, object]) -> None:
    """Called when the job's command runs. `job` has the keys of `roar show --json` that are known by then."""


@hookspec
def roar_job_finished(job: Mapping[str, object], outcome: Mapping[str, object]) -> None:
    """Called when the run is recorded. `outcome` has `status`, `exit_code`, `signal` and `step`."""


@hookspec
def roar_record_published(record: Mapping[str, object], registry: str) -> None:
    """Called when a lineage was published to a registry."""
