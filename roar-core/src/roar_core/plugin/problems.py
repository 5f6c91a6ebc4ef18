"""What can be wrong with an installed plugin."""

from __future__ import annotations

from typing import NamedTuple

from roar_core.errors import PluginConflict


class PluginInfo(NamedTuple):
    """A plugin that was found: its name, and the distribution that it comes from."""

    name: str
    distribution: str
    version: str


class PluginProblem(NamedTuple):
    """Why a plugin, or a part of it, is not there."""

    plugin: str
    distribution: str
    reason: str

    def __str__(self) -> str:
        return f"plugin `{self.plugin}` of {self.distribution} is broken: {self.reason}"


def conflict(kind: str, name: str, first: PluginInfo, second: PluginInfo) -> PluginConflict:
    """Returns the error for two plugins of one name. The hint blocks the one that is not the core's."""
    return PluginConflict(
        f"two {kind}s of one name, from {first.distribution} and {second.distribution}: `{name}`",
        f"pip uninstall {second.distribution}, or block it: ROAR_DISABLE_PLUGINS={second.distribution}",
    )
