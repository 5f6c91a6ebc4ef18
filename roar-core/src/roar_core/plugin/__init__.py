"""The plugin API: what a third party may import. Everything else of `roar_core` is private."""

from roar_core.plugin.hookspecs import API_VERSION, hookimpl
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

__all__ = [
    "API_VERSION",
    "CommandSpec",
    "ExporterSpec",
    "FilterSpec",
    "HasherSpec",
    "RegistrySpec",
    "SettingSpec",
    "StorageSpec",
    "TracerSpec",
    "hookimpl",
]
