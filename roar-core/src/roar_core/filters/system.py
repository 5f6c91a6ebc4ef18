"""Reads of files that belong to the operating system."""

from __future__ import annotations

import os

from roar_core.filters.locations import Location, is_below
from roar_core.plugin.protocols import Access, AccessFilter, FilterContext

_TOPS = (
    *("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin", "/etc", "/opt", "/boot", "/snap"),
    *("/nix/store", "/gnu/store", "/System", "/Library"),
    *(f"/var/{name}" for name in ("cache", "db", "lib", "lock", "log", "run", "spool")),
)
# What is written there is state of the running system, not a result.
_KERNEL_TOPS = ("/proc", "/sys", "/dev", "/run")
# Data volumes by convention: SageMaker's, shared memory, mounted disks.
_DATA = ("/opt/ml", "/dev/shm", "/run/media")
_HOME_FOLDERS = (".config/git", ".terminfo", ".local/share/locale")


class SystemReads(AccessFilter):
    """Drops what was only read below /usr, /lib, /etc, /opt and the like, and anything in /proc, /sys, /dev, /run.

    A file that the job wrote into such a place (`make install`) is kept. /opt/ml and /dev/shm hold data.
    """

    by_folder = True
    scope = "location"

    def __init__(self, context: FilterContext) -> None:
        home = context.home
        folders = tuple(os.path.join(home, name) for name in _HOME_FOLDERS) if home else ()
        self._system = Location(_TOPS + folders, context.project)
        self._kernel = Location(_KERNEL_TOPS, context.project)

    def drop_reason(self, access: Access) -> str | None:
        """Returns `system`, or None."""
        folder = os.path.dirname(access.path)
        if any(is_below(folder, data) for data in _DATA):
            return None
        if self._kernel.contains(folder) or (not access.written and self._system.contains(folder)):
            return "system"
        return None
