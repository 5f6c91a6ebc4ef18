"""The distributions that are installed in one site-packages folder, and which of them own a file there."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from functools import cached_property

from roar_core.capture.git_remote import without_password

_SUFFIXES = (".dist-info", ".egg-info")
_LARGEST = 16 << 20


class Distribution:
    """An installed distribution by its `.dist-info` or `.egg-info`; files are read when they are first asked for."""

    def __init__(self, site: str, information: str) -> None:
        self._site = site
        self._information = os.path.join(site, information)
        stem = information.rpartition(".")[0]
        self._stem_name, _, self._stem_version = stem.partition("-")

    @property
    def module_name(self) -> str:
        """Returns the module that it would have if that were called like the distribution."""
        return normalized(self._stem_name)

    def describe(self) -> dict[str, object]:
        """Returns `name`, `version`, and `origin`: an address, or the installer, or None."""
        text = self._read("METADATA") or self._read("PKG-INFO") or self._read("")
        name = re.search(r"^Name:\s*(\S+)", text, re.MULTILINE)
        version = re.search(r"^Version:\s*(\S+)", text, re.MULTILINE)
        return {
            "name": name[1] if name else self._stem_name,
            "version": version[1] if version else self._stem_version.partition("-")[0] or None,
            "origin": self._origin(),
        }

    def _origin(self) -> str | None:
        """Returns the address of PEP 610, with the commit; else who installed it (PEP 376)."""
        try:
            direct = json.loads(self._read("direct_url.json") or "{}")
            url = without_password(direct["url"])
            source = direct.get("vcs_info", {})
            return f"{source['vcs']}+{url}@{source['commit_id']}" if "commit_id" in source else str(url)
        except (ValueError, KeyError, TypeError, AttributeError):
            pass
        installer = self._read("INSTALLER").strip()
        if not installer and self._site.startswith("/usr/lib/python3"):
            return "dpkg"
        return installer or None

    @cached_property
    def declared_modules(self) -> frozenset[str] | None:
        """Returns the names in `top_level.txt`, or None where there is none."""
        text = self._read("top_level.txt")
        return frozenset(text.split()) if text else None

    @cached_property
    def files(self) -> frozenset[str]:
        """Returns the paths in RECORD, or in what older installers wrote, relative to the site-packages folder."""
        record = self._read("RECORD")
        if record:
            return frozenset(_recorded_path(line) for line in record.splitlines() if line)
        listed = self._read("installed-files.txt")
        name = os.path.basename(self._information)
        return frozenset(os.path.normpath(os.path.join(name, line)) for line in listed.splitlines() if line)

    @cached_property
    def modules(self) -> frozenset[str]:
        """Returns the first parts of the paths of its files."""
        return self.declared_modules or frozenset(module_of(path) for path in self.files)

    def _read(self, name: str) -> str:
        path = os.path.join(self._information, name) if name else self._information
        try:
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                return file.read(_LARGEST)
        except OSError:
            return ""


class SiteFolder:
    """A site-packages folder."""

    def __init__(self, path: str) -> None:
        self._path = path
        try:
            names = os.listdir(path)
        except OSError:
            names = []
        self._distributions = [Distribution(path, name) for name in sorted(names) if name.endswith(_SUFFIXES)]

    def owners(self, paths: Iterable[str]) -> list[Distribution]:
        """Returns the distributions that own one of these files, given relative to the folder."""
        by_module: dict[str, list[str]] = {}
        for path in paths:
            by_module.setdefault(module_of(path), []).append(path)
        found: dict[int, Distribution] = {}
        for module, files in by_module.items():
            for owner in self._owners_of_module(module, files):
                found[id(owner)] = owner
        return list(found.values())

    def _owners_of_module(self, module: str, files: list[str]) -> list[Distribution]:
        """Returns those of a module, by its name where that is enough; lists of files are read only where it is not."""
        regular = not os.path.isdir(os.path.join(self._path, module)) or os.path.exists(
            os.path.join(self._path, module, "__init__.py")
        )
        wanted = normalized(module)
        if regular:
            named = [each for each in self._distributions if each.module_name == wanted]
            if len(named) == 1 and (named[0].declared_modules is None or module in named[0].declared_modules):
                return named
        declared = [each for each in self._distributions if module in (each.declared_modules or ())]
        if regular and len(declared) == 1:
            return declared
        candidates = declared or [each for each in self._distributions if module in each.modules]
        if regular and len(candidates) == 1:
            return candidates
        return [each for each in candidates if not each.files.isdisjoint(files)]


def module_of(path: str) -> str:
    """Returns the top-level module that a file belongs to: `numpy`, or `six` for `six.py` and its bytecode."""
    first, slash, rest = path.partition("/")
    if first == "__pycache__":
        first, slash = rest, ""
    return first if slash else first.partition(".")[0]


def source_of(path: str) -> str:
    """Returns the path of the source that a bytecode file beside it was compiled from; other paths as they are."""
    match = re.match(r"^(.*/)?__pycache__/([^/]+?)\.[^/]*\.pyc$", path)
    return f"{match[1] or ''}{match[2]}.py" if match else path


def normalized(name: str) -> str:
    """Returns a distribution's or a module's name in one spelling."""
    return re.sub(r"[-_.]+", "_", name).lower()


def _recorded_path(line: str) -> str:
    """Returns the first field of a line of RECORD, which is CSV: quoted where it has a comma."""
    if line.startswith('"'):
        return line[1:].replace('""', "\0").partition('"')[0].replace("\0", '"')
    return line.partition(",")[0]
