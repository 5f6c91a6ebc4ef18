"""The packages of the operating system that own the libraries a job loaded."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from roar_core.capture.dpkg import DpkgIndex

_LIBRARY = re.compile(r"\.so(?:\.[\w.]+)?$")
_MOST_LIBRARIES = 1_000
_RPM_SECONDS = 1.0
_RPM_DATABASES = ("/var/lib/rpm", "/usr/lib/sysimage/rpm")


class SystemPackageCollector:
    """Takes the paths that were dropped as the system's, and tells which packages the libraries among them are from.

    `cache_directory`: where an index of dpkg's lists is kept, so that only the first job after an upgrade reads them.
    """

    def __init__(self, cache_directory: Path | None) -> None:
        self._cache_directory = cache_directory
        self._libraries: set[str] = set()

    def add(self, path: str) -> None:
        """Takes in the absolute path of a file that the job read."""
        if _LIBRARY.search(path) and len(self._libraries) < _MOST_LIBRARIES:
            self._libraries.add(path)

    def packages(self) -> tuple[Mapping[str, object], ...]:
        """Returns `name`, `version` and `origin` (`dpkg` or `rpm`), by name."""
        if not self._libraries:
            return ()
        owners = DpkgIndex(self._cache_directory).owners(self._libraries)
        if owners is not None:
            origin = "dpkg"
        else:
            origin, owners = "rpm", _ask_rpm(sorted(self._libraries))
        return tuple({"name": name, "version": version, "origin": origin} for name, version in sorted(owners))


def _ask_rpm(paths: list[str]) -> set[tuple[str, str]]:
    """Returns name and version of the owners by one `rpm -qf`."""
    if not any(map(os.path.isdir, _RPM_DATABASES)):
        return set()
    try:
        output = subprocess.run(
            ("rpm", "-qf", "--queryformat", "=%{NAME} %{VERSION}-%{RELEASE}\\n", "--", *paths),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_RPM_SECONDS,
            check=False,
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.SubprocessError):
        return set()
    pairs = (line[1:].partition(" ") for line in output.splitlines() if line.startswith("="))
    return {(name, version) for name, _, version in pairs}
