"""The Python packages that a job loaded, by the files that it read. Nothing is imported into the job to find out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from roar_core.capture.conda_packages import conda_packages
from roar_core.capture.distributions import SiteFolder, source_of
from roar_core.capture.interpreters import Interpreter

# site-packages; Debian's dist-packages; uv's cache, which `--link-mode symlink` leads to
_SITE = re.compile(r"^(.*/(?:(?:site|dist)-packages|uv/archive-v0/[^/]+))/(.+)$", re.DOTALL)
_EGG = re.compile(r"^([^/]+)\.egg/")
# Read by every Python that starts, or by those who look which distributions there are: not loaded by the job.
_NOT_LOADED = re.compile(
    r"^[^/]+\.(?:dist-info|egg-info)(?:/|$)|^[^/]+\.(?:pth|egg-link)$"
    r"|^_distutils_hack/|^(?:__pycache__/)?(?:_virtualenv|sitecustomize|usercustomize|__editable__|_editable_impl)"
)


class PackageCollector:
    """Takes the paths that were dropped as belonging to packages, and tells whose they are."""

    def __init__(self, interpreters: Iterable[Interpreter]) -> None:
        self._prefixes = tuple(interpreter.prefix for interpreter in interpreters)
        self._by_site: dict[str, set[str]] = {}
        self._elsewhere: set[str] = set()

    def add(self, path: str) -> None:
        """Takes in the absolute path of a file that the job read."""
        match = _SITE.match(path)
        if match is None:
            self._elsewhere.add(path)
        elif not _NOT_LOADED.match(match[2]):
            self._by_site.setdefault(match[1], set()).add(source_of(match[2]))

    def packages(self) -> tuple[Mapping[str, object], ...]:
        """Returns `name`, `version` and `origin` of the distributions that own one of the files, by name."""
        found: dict[tuple[object, object], Mapping[str, object]] = {}
        for site, files in self._by_site.items():
            eggs = {match[1] for match in map(_EGG.match, files) if match}
            described = [owner.describe() for owner in SiteFolder(site).owners(files)]
            for package in [*described, *map(_describe_egg, eggs)]:
                found.setdefault((package["name"], package["version"]), package)
        for package in conda_packages(self._prefixes, self._elsewhere):
            found.setdefault((package["name"], package["version"]), package)
        return tuple(sorted(found.values(), key=lambda package: str(package["name"]).lower()))


def _describe_egg(stem: str) -> dict[str, object]:
    name, _, rest = stem.partition("-")
    return {"name": name, "version": rest.partition("-")[0] or None, "origin": None}
