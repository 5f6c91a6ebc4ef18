"""Code that an interpreter or a compiler in it compiled for itself and can compile again at any time."""

from __future__ import annotations

import re

from roar_core.filters.locations import judged_part
from roar_core.plugin.protocols import Access, AccessFilter, FilterContext

# Python; numba's index and data; Julia. Not object files or libraries: those are results of a build.
_SUFFIXES = (".pyc", ".pyo", ".nbi", ".nbc", ".ji")


class CompiledCode(AccessFilter):
    """Drops `__pycache__` folders and files of compiled code by suffix.

    What stands in a bytecode file was still code that the job ran: see `roar_core.capture.bytecode`.
    """

    scope = "anywhere"
    by_folder = True
    special_names = "|".join(".*" + re.escape(suffix) for suffix in _SUFFIXES)

    def __init__(self, context: FilterContext) -> None:
        self._project = context.project

    def drop_reason(self, access: Access) -> str | None:
        """Returns `compiled`, or None."""
        path = access.path
        if path.endswith(_SUFFIXES):
            return "compiled"
        if "/__pycache__/" in path and "/__pycache__/" in judged_part(path, self._project):
            return "compiled"
        return None
