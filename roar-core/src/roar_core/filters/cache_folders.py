"""Folders that say of themselves that they are caches (https://bford.info/cachedir/)."""

from __future__ import annotations

import os

from roar_core.filters.locations import is_below
from roar_core.plugin.protocols import Access, AccessFilter, FilterContext

_SIGNATURE = b"Signature: 8a477f597d28d172789f06886806bc55"


class CacheFolders(AccessFilter):
    """Drops what lies in or below a folder with a CACHEDIR.TAG; the project's root and what is above it don't count."""

    by_folder = True
    scope = "anywhere"

    def __init__(self, context: FilterContext) -> None:
        self._project = context.project
        self._known: dict[str, bool] = {"/": False}

    def drop_reason(self, access: Access) -> str | None:
        """Returns `cache`, or None."""
        return "cache" if self._lies_in_one(os.path.dirname(access.path)) else None

    def _lies_in_one(self, folder: str) -> bool:
        known = self._known.get(folder)
        if known is None:
            above = not is_below(self._project, folder)
            known = above and (self._lies_in_one(os.path.dirname(folder)) or _is_tagged(folder))
            self._known[folder] = known
        return known


def _is_tagged(folder: str) -> bool:
    path = os.path.join(folder, "CACHEDIR.TAG")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        return os.read(descriptor, len(_SIGNATURE)) == _SIGNATURE
    except OSError:
        return False
    finally:
        os.close(descriptor)
