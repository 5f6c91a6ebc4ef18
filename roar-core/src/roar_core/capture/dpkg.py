"""Which Debian package owns a library: an index of dpkg's file lists, rebuilt when dpkg's status has changed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_LIBRARY = re.compile(rb"\.so(?:\.[\w.]+)?$")


class DpkgIndex:
    """The index. `directory` is dpkg's own folder."""

    def __init__(self, cache_directory: Path | None, directory: str = "/var/lib/dpkg") -> None:
        self._directory = directory
        self._cache_file = cache_directory / "dpkg-libraries" if cache_directory else None

    def owners(self, paths: Iterable[str]) -> set[tuple[str, str]] | None:
        """Returns name and version of the packages that own one of these libraries; None where there is no dpkg."""
        try:
            status = os.stat(os.path.join(self._directory, "status"))
        except OSError:
            return None
        stamp = f"roar-dpkg/1 {self._directory} {status.st_mtime_ns} {status.st_size}"
        wanted = {_merged(path) for path in paths}
        text = self._cached(stamp)
        if text is None:
            text = self._build()
            self._keep(f"{stamp}\n{text}")
        found = set()
        for line in text.splitlines():
            name, version, *libraries = line.split("\t")
            if not wanted.isdisjoint(libraries):
                found.add((name, version))
        return found

    def _build(self) -> str:
        """Returns one line per package with libraries: name, version, paths without /usr (which /lib may lead to)."""
        versions = self._versions()
        folder = os.path.join(self._directory, "info")
        lines = []
        for file in sorted(_names(folder)):
            if not file.endswith(".list"):
                continue
            key = file.removesuffix(".list")
            libraries = _libraries(_read_bytes(os.path.join(folder, file)))
            if libraries and key in versions:
                lines.append("\t".join((key.partition(":")[0], versions[key], *libraries)))
        return "\n".join(lines)

    def _versions(self) -> dict[str, str]:
        """Returns the versions by name, and by `name:architecture`, as the lists are called."""
        versions: dict[str, str] = {}
        name = architecture = ""
        for line in _read(os.path.join(self._directory, "status")).split("\n"):
            if line.startswith("Package: "):
                name = line[9:]
            elif line.startswith("Architecture: "):
                architecture = line[14:]
            elif line.startswith("Version: "):
                versions[name] = versions[f"{name}:{architecture}"] = line[9:]
        return versions

    def _cached(self, stamp: str) -> str | None:
        if self._cache_file is None:
            return None
        first, _, rest = _read(str(self._cache_file)).partition("\n")
        return rest if first == stamp else None

    def _keep(self, text: str) -> None:
        if self._cache_file is None:
            return
        with suppress(OSError):
            self._cache_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            new = self._cache_file.with_name(f"{self._cache_file.name}.{os.getpid()}")
            new.write_bytes(os.fsencode(text))
            new.replace(self._cache_file)


def _merged(path: str) -> str:
    return path.removeprefix("/usr")


def _libraries(text: bytes) -> list[str]:
    """Returns the lines that name libraries. Most packages have none, so most of the text is only searched."""
    found = []
    at = text.find(b".so")
    while at >= 0:
        end = text.find(b"\n", at)
        end = len(text) if end < 0 else end
        line = text[text.rfind(b"\n", 0, at) + 1 : end]
        if _LIBRARY.search(line):
            found.append(_merged(os.fsdecode(line)))
        at = text.find(b".so", end)
    return found


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _read(path: str) -> str:
    return os.fsdecode(_read_bytes(path))


def _read_bytes(path: str) -> bytes:
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read()
    except OSError:
        return b""
