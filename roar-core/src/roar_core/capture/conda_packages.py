"""The conda packages that own files of an environment outside site-packages: libraries, mostly."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Collection, Iterable

_SECONDS = 0.3
_NAME = re.compile(r'^  "name": "([^"]+)"', re.MULTILINE)
_VERSION = re.compile(r'^  "version": "([^"]+)"', re.MULTILINE)
_CHANNEL = re.compile(r'^  "channel": "([^"]+)"', re.MULTILINE)
_STRING = re.compile(r'^    "([^"\n]+)",?$', re.MULTILINE)
_LIBRARY = re.compile(r"\.so(?:\.[\d.]+)?$")


def conda_packages(
    prefixes: Iterable[str], paths: Collection[str], seconds: float = _SECONDS
) -> list[dict[str, object]]:
    """Returns `name`, `version` and `origin` (the channel) of those that own one of the loaded libraries.

    Looks into the lists in `conda-meta` for `seconds` at most; what was not found by then is left out.
    """
    deadline = time.monotonic() + seconds
    libraries = [path for path in paths if _LIBRARY.search(path)]
    found: list[dict[str, object]] = []
    for prefix in prefixes:
        wanted = {path[len(prefix) + 1 :] for path in libraries if path.startswith(prefix + "/")}
        folder = os.path.join(prefix, "conda-meta")
        if not wanted or not os.path.isdir(folder):
            continue
        for name in sorted(os.listdir(folder)):
            if not wanted or time.monotonic() > deadline:
                break
            if name.endswith(".json"):
                package = _owner(os.path.join(folder, name), wanted)
                if package is not None:
                    found.append(package)
    return found


def _owner(path: str, wanted: set[str]) -> dict[str, object] | None:
    """Returns the package whose list has one of the files, and takes those out. Parsing all the JSON would be slow."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            text = file.read()
    except OSError:
        return None
    owned = wanted.intersection(_STRING.findall(text))
    name, version, channel = _NAME.search(text), _VERSION.search(text), _CHANNEL.search(text)
    if not owned or name is None:
        return None
    wanted -= owned
    return {
        "name": name[1],
        "version": version[1] if version else None,
        "origin": channel[1] if channel else "conda",
    }
