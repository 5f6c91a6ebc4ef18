"""Environments: folders that a package manager fills and that can be filled again."""

from __future__ import annotations

import os

from roar_core.filters.locations import is_below, judged_part
from roar_core.plugin.protocols import Access, AccessFilter, FilterContext

# PEP 405; conda's environments; what npm and its likes fill; PEP 582.
_MARKS = ("pyvenv.cfg", "conda-meta")
_NAMES = frozenset(("node_modules", "__pypackages__"))
_OWN_FOLDERS = frozenset(("bin", "lib", "lib64", "include", "share", "etc", "conda-meta"))


class Environments(AccessFilter):
    """Drops virtual environments, conda environments and `node_modules`, by what marks them.

    Of an environment that the project or the home folder lies in (`python -m venv .`), only its own subfolders.
    """

    by_folder = True
    scope = "anywhere"

    def __init__(self, context: FilterContext) -> None:
        self._project = context.project
        self._home = context.home
        self._known: dict[str, bool] = {"/": False}

    def drop_reason(self, access: Access) -> str | None:
        """Returns `environment`, or None."""
        return "environment" if self._lies_in_one(os.path.dirname(access.path)) else None

    def _lies_in_one(self, folder: str) -> bool:
        known = self._known.get(folder)
        if known is None:
            known = self._known[folder] = self._find_out(folder)
        return known

    def _find_out(self, folder: str) -> bool:
        if self._holds_other_things(folder):
            return False
        parent, name = os.path.split(folder)
        if self._lies_in_one(parent) or (name in _NAMES and judged_part(folder, self._project) != "/"):
            return True
        if _is_marked(folder):
            return True
        return name in _OWN_FOLDERS and self._holds_other_things(parent) and _is_marked(parent)

    def _holds_other_things(self, folder: str) -> bool:
        return is_below(self._project, folder) or folder == self._home


def _is_marked(folder: str) -> bool:
    return any(os.path.exists(os.path.join(folder, mark)) for mark in _MARKS)
