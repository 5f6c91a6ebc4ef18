"""Where a run takes place, and whom it talks to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from roar_core.config import Environment, Settings
    from roar_core.plugin.manager import PluginManager
    from roar_core.project import Project


class Warn(Protocol):
    """Shows one line to the user, and what can be done about it."""

    def __call__(self, text: str, hint: str | None = None) -> None:
        """Shows `text`."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A project with its settings and plugins."""

    project: Project
    settings: Settings
    environment: Environment
    plugins: PluginManager
    warn: Warn
