"""The programs that a plugin's distribution brings along."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from roar_core.plugin.discovery import find_distributions, normalized


def find_binary(distribution: str, name: str, package_file: str) -> Path | None:
    """Returns the program `name` of a distribution, or None. `package_file` is the `__file__` of its package.

    Looked for in the distribution's RECORD, in `bin` beside the package (`pip install --target` leaves it there, and a
    wrong RECORD), in the interpreter's scripts folder. Never on PATH: a program there may be of another version.
    """
    site = os.path.dirname(os.path.dirname(os.path.abspath(package_file)))
    for candidate in _candidates(distribution, name, site):
        path = os.path.normpath(candidate)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return Path(path)
    return None


def _candidates(distribution: str, name: str, site: str) -> Iterator[str]:
    for installed in find_distributions([site, *sys.path]):
        if normalized(installed.name) == normalized(distribution):
            yield from _recorded(installed.folder, name)
            break
    yield os.path.join(site, "bin", name)
    import sysconfig  # not cheap, and hardly ever needed

    yield os.path.join(sysconfig.get_path("scripts"), name)


def _recorded(folder: str, name: str) -> Iterator[str]:
    """The lines of RECORD are `path,hash,size`, the paths relative to the folder that holds the metadata (PEP 376)."""
    try:
        with open(os.path.join(folder, "RECORD"), encoding="utf-8", errors="replace") as record:
            lines = record.read().splitlines()
    except OSError:
        return
    for line in lines:
        path = line.rpartition(",")[0].rpartition(",")[0].strip('"')
        if os.path.basename(path) == name:
            yield os.path.join(os.path.dirname(folder), path)
