"""Scratch files below /tmp."""

from __future__ import annotations

import os

from roar_core.filters.locations import Location
from roar_core.plugin.protocols import Access, AccessFilter, FilterContext


class TemporaryFiles(AccessFilter):
    """Drops what the job wrote below /tmp and /var/tmp. What it only read there is kept: it came from somewhere."""

    by_folder = True
    scope = "location"

    def __init__(self, context: FilterContext) -> None:
        self._temporary = Location(
            ("/tmp", "/var/tmp", "/private/tmp", "/private/var/folders"), context.project
        )

    def drop_reason(self, access: Access) -> str | None:
        """Returns `temporary`, or None."""
        if access.written and self._temporary.contains(os.path.dirname(access.path)):
            return "temporary"
        return None
