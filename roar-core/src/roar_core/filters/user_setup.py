"""Reads of the files by which a user sets up shell and git."""

from __future__ import annotations

import os

from roar_core.filters.locations import is_below
from roar_core.plugin.protocols import Access, AccessFilter, FilterContext

_FILES = frozenset(
    (
        ".bashrc",
        ".bash_profile",
        ".bash_login",
        ".profile",
        ".zshrc",
        ".zshenv",
        ".zprofile",
        ".inputrc",
        ".gitconfig",
    )
)


class UserSetup(AccessFilter):
    """Drops reads of the files by which a user sets up shell and git."""

    scope = "location"

    def __init__(self, context: FilterContext) -> None:
        inside = context.home is not None and is_below(context.home, context.project)
        self._paths = (
            frozenset(os.path.join(context.home, name) for name in _FILES)
            if context.home and not inside
            else frozenset()
        )

    def drop_reason(self, access: Access) -> str | None:
        """Returns `system`, or None."""
        return "system" if access.path in self._paths and not access.written else None
