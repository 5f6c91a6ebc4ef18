"""Where a run takes place, and whom it talks to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from roar_core.config import Environment, Settings
    from roar_core.plugin.manager import PluginManager
    from roar_core.project import Project


class Warn(Protocol):
    """Shows one line to the user, and what can be done about it."""

    def __call__(self, text: str, hint: str | None = None) -> None:
        """Shows `text`."""
        ...


class Progress(Protocol):
    """Shows the user how far something long has got."""

    def expect(self, total_bytes: int) -> None:
        """Says how much there is to be done in all."""
        ...

    def advance(self, count_bytes: int) -> None:
        """Says how much more has been done; 0 while something large is being worked on."""
        ...


class Surroundings(NamedTuple):
    """A project with its settings and plugins."""

    project: Project
    settings: Settings
    environment: Environment
    plugins: PluginManager
    warn: Warn
    progress: Callable[[str], AbstractContextManager[Progress]]
