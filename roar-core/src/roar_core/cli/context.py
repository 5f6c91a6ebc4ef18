"""What commands have at hand, each thing made when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from roar_core.cli.output import echo_note
from roar_core.config import Environment, Settings, load_settings, read_settings
from roar_core.errors import RoarError
from roar_core.plugin.manager import PluginManager
from roar_core.project import Project, check_ownership, current_directory, find_project, require_project

if TYPE_CHECKING:
    from roar_core.capture.surroundings import Surroundings
    from roar_core.store.store import Store

LEVELS = ("debug", "info", "warning", "error")


class Context:
    """The object that `@click.pass_obj` hands to a command.

    `failure_status` is what an error ends with that has no status of its own; `roar run` makes it 125 until the job
    runs.
    `json_errors`: errors are JSON objects.
    """

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.debug = False
        self.json_errors = False
        self.failure_status = 1

    @cached_property
    def installed_plugins(self) -> PluginManager:
        """Returns the plugins even where two have one name, for the commands that help to find out."""
        return PluginManager.load(
            self.environment, warn=_ignore if self.environment.completion else echo_note
        )

    @cached_property
    def plugins(self) -> PluginManager:
        """Returns the plugins. Raises PluginConflict."""
        self.installed_plugins.require_no_conflict()
        return self.installed_plugins

    @cached_property
    def cwd(self) -> str:
        """Returns the folder that the user stands in. Raises RoarError when it was removed."""
        return current_directory()

    @cached_property
    def found_project(self) -> Project | None:
        """Returns the project here, or None. Raises ProjectNotOwned."""
        project = find_project(self.cwd)
        if project is not None:
            check_ownership(project)
        return project

    @cached_property
    def project(self) -> Project:
        """Returns the project here. Raises NoProject, ProjectNotOwned."""
        return self.found_project or require_project(self.cwd)

    @cached_property
    def settings(self) -> Settings:
        """Returns the settings that hold here. Raises UsageError, PluginConflict."""
        return load_settings(self.found_project, self.plugins.settings, self.environment)

    @cached_property
    def sound_settings(self) -> tuple[Settings, tuple[RoarError, ...]]:
        """Returns the settings as far as they can be understood, and what is wrong with the others."""
        return read_settings(self.found_project, self.installed_plugins.settings, self.environment)

    def store(self) -> Store:
        """Returns the project's open store, with all that waited in the spool taken in. The caller closes it."""
        from roar_core.capture.waiting import something_waits
        from roar_core.store.store import Store

        store = Store(self.project)
        try:
            if something_waits(self.project, self.environment, store):
                from roar_core.capture.recover import take_in_waiting  # 25 ms, wanted only then

                take_in_waiting(self.surroundings(), store)
        except BaseException:
            store.close()
            raise
        return store

    def surroundings(self) -> Surroundings:
        """Returns the project with its settings and plugins, as capture takes them."""
        from roar_core.capture.surroundings import Surroundings
        from roar_core.cli.progress import progress

        return Surroundings(self.project, self.settings, self.environment, self.plugins, self.warn, progress)

    def warn(self, text: str, hint: str | None = None) -> None:
        """Says what the user should know and can do, unless `logging.level` is error."""
        self._note("warning", text, hint)

    def info(self, text: str) -> None:
        """Says what may be of interest, where `logging.level` is info or debug."""
        self._note("info", text)

    def trace(self, text: str) -> None:
        """Says what helps to find a mistake, where `logging.level` is debug, or with `roar --debug`."""
        self._note("debug", text)

    def _note(self, level: str, text: str, hint: str | None = None) -> None:
        try:
            shown = "debug" if self.debug else self.sound_settings[0].text("logging.level")
        except RoarError:
            shown = "warning"  # what is wrong with the project is said where it is used
        if LEVELS.index(level) >= LEVELS.index(shown):
            echo_note(text, hint)


def _ignore(text: str) -> None:
    pass
