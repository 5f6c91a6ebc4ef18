"""The folders of version control systems, and roar's own."""

from __future__ import annotations

import os

from roar_core.filters.locations import judged_part
from roar_core.plugin.protocols import Access, AccessFilter, FilterContext

_SYSTEMS = ("/.git/", "/.hg/", "/.svn/", "/.jj/", "/.bzr/")


class VersionControl(AccessFilter):
    """Drops what lies below `.git`, `.hg`, `.svn`, `.jj`, `.bzr`, and below `.roar`."""

    by_folder = True
    scope = "anywhere"

    def __init__(self, context: FilterContext) -> None:
        self._project = context.project

    def drop_reason(self, access: Access) -> str | None:
        """Returns `version-control`, `roar`, or None."""
        part = judged_part(os.path.dirname(access.path), self._project)
        if "/.roar/" in part:
            return "roar"
        return "version-control" if any(name in part for name in _SYSTEMS) else None
