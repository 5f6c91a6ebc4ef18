"""The folders in which experiment trackers keep their own records."""

from __future__ import annotations

import os

from roar_core.filters.locations import is_below, judged_part
from roar_core.plugin.protocols import Access, AccessFilter, FilterContext

_NAMES = frozenset(
    ("wandb", "mlruns", "mlartifacts", ".neptune", ".aim", ".comet-runs", ".clearml", ".guild", ".trackio")
)


class Trackers(AccessFilter):
    """Drops what lies below `wandb`, `mlruns`, `.neptune` and the like, unless that folder is a Python package."""

    by_folder = True
    scope = "anywhere"

    def __init__(self, context: FilterContext) -> None:
        self._project = context.project

    def drop_reason(self, access: Access) -> str | None:
        """Returns `tracker`, or None."""
        folder = os.path.dirname(access.path)
        names = judged_part(folder, self._project).strip("/").split("/")
        if _NAMES.isdisjoint(names):
            return None
        while not is_below(self._project, folder):
            folder, name = os.path.split(folder)
            if name in _NAMES and not os.path.exists(os.path.join(folder, name, "__init__.py")):
                return "tracker"
        return None
