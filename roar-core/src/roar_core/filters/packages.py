"""Installed packages and interpreters: they become the job's package list, by name and version."""

from __future__ import annotations

import os
import re

from roar_core.filters.locations import Location, judged_part
from roar_core.plugin.protocols import Access, AccessFilter, FilterContext

# …/lib/python3.12/site-packages/, Debian's /usr/lib/python3/dist-packages/, ~/R/x86_64-pc-linux-gnu-library/4.2/
_INSTALLED = re.compile(r"/(?:(?:site|dist)-packages|R/[^/]+-library/\d+\.\d+|renv/library)/")
_LIBRARY = re.compile(r"/lib(?:32|64)?/(?:python|pypy)\d[\d.]*t?/")
_OWN_FOLDERS = ("bin", "lib", "lib64", "include", "share", "libexec")
# Prefixes that an interpreter shares with everything else.
_SHARED = frozenset(("/", "/usr", "/usr/local"))


class PackageReads(AccessFilter):
    """Drops site-packages and R libraries wherever they are, and what else belongs to the interpreters of the job."""

    by_folder = True
    scope = "anywhere"

    def __init__(self, context: FilterContext) -> None:
        self._project = context.project
        shared = _SHARED | {context.home}
        self._libraries = tuple(prefix.rstrip("/") for prefix in context.interpreters)
        own = [prefix for prefix in self._libraries if prefix not in shared]
        self._own = Location(
            (os.path.join(prefix, name) for prefix in own for name in _OWN_FOLDERS), context.project
        )

    def drop_reason(self, access: Access) -> str | None:
        """Returns `package`, or None."""
        folder = os.path.dirname(access.path)
        part = judged_part(folder, self._project)
        if _INSTALLED.search(part) or self._own.contains(folder):
            return "package"
        if any(
            folder.startswith(prefix) and _LIBRARY.match(folder[len(prefix) :] + "/")
            for prefix in self._libraries
        ):
            return "package" if _LIBRARY.search(part) else None
        return None
