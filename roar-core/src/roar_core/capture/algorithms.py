"""By which algorithms the files of a run are digested."""

from __future__ import annotations

from typing import TYPE_CHECKING

from roar_core.errors import UsageError

if TYPE_CHECKING:
    from roar_core.capture.surroundings import Surroundings
    from roar_core.plugin.manager import PluginManager

BASE_ALGORITHM = "blake3"  # what every content is known by, so that two runs can always be compared


def algorithms(around: Surroundings, extra: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the algorithms that a run's files are digested by. Raises UsageError for one that no plugin has."""
    settings = around.settings
    wanted = dict.fromkeys(
        (BASE_ALGORITHM, settings.text("hash.primary"), *settings.items_of("hash.run"), *extra)
    )
    check_algorithms(around.plugins, tuple(wanted))
    return tuple(wanted)


def check_algorithms(plugins: PluginManager, wanted: tuple[str, ...]) -> None:
    """Does nothing if there is a hasher for each. Raises UsageError."""
    known = [spec.name for spec in plugins.hashers]
    for name in wanted:
        if name not in known:
            raise UsageError(f"unknown digest algorithm: `{name}`", f"there are {', '.join(known)}")
