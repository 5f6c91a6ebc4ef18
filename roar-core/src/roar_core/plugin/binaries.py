"""The programs that a plugin's distribution brings along, and the copies of them that root has installed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from roar_core.plugin.discovery import find_distributions, normalized

PRIVILEGED_FOLDER = Path("/usr/local/lib/roar")


def privileged_copy(name: str, version: str) -> Path:
    """Returns where root keeps the copy of a program that has capabilities; it need not be there."""
    return PRIVILEGED_FOLDER / f"{name}-{version}"


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
            yield from (path for path, _ in _recorded(installed.folder, name))
            break
    yield os.path.join(site, "bin", name)
    import sysconfig  # not cheap, and hardly ever needed

    yield os.path.join(sysconfig.get_path("scripts"), name)


def recorded_sha256(distribution: str, program: Path) -> str | None:
    """Returns the digest in hex that the RECORD of an installed wheel has for a program of it, if it has one."""
    import base64
    import binascii

    for installed in find_distributions(sys.path):
        if normalized(installed.name) != normalized(distribution):
            continue
        for path, digest in _recorded(installed.folder, program.name):
            algorithm, _, text = digest.partition("=")
            if algorithm == "sha256" and os.path.realpath(path) == os.path.realpath(program):
                try:
                    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).hex()
                except binascii.Error:
                    return None
    return None


def _recorded(folder: str, name: str) -> Iterator[tuple[str, str]]:
    """Yields the paths of that name with their digests.

    The lines of RECORD are `path,hash,size`, the paths relative to the folder that holds the metadata (PEP 376), the
    hash `sha256=` and unpadded base64 (PEP 427).
    """
    try:
        with open(os.path.join(folder, "RECORD"), encoding="utf-8", errors="replace") as record:
            lines = record.read().splitlines()
    except OSError:
        return
    for line in lines:
        path, _, digest = line.rpartition(",")[0].rpartition(",")
        path = path.strip('"')
        if os.path.basename(path) == name:
            yield os.path.join(os.path.dirname(folder), path), digest
