"""What lies on disk where a version was, as far as that can be said without reading it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from roar_core.store.current import CurrentTables


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A path's file.

    `known`: its content is `artifact_id`, or was never recorded where that is None; `digest` names it either way. Where
    it is not known, only a different size tells that it changed.
    """

    size: int
    known: bool
    artifact_id: int | None = None
    digest: str | None = None

    def is_content(self, artifact_id: int | None, size: int | None) -> bool:
        """Returns whether the file may hold this content: for certain where it is known."""
        if self.known:
            return self.artifact_id is not None and self.artifact_id == artifact_id
        return size is None or self.size == size


class Disk(Protocol):
    """Where current files are looked up."""

    def look(self, paths: Mapping[int, str]) -> dict[int, OnDisk | None]:
        """Returns what is at each path, given by id; None where there is no file."""
        ...


class DiskFiles:
    """The files of a project: one `stat` each, and the digest cache for those whose identity it knows.

    `filesystem_key` names the file system of a device number as the digest cache does. `digest`, where given, reads the
    files that the cache does not know and returns their digest (`roar dag --verify`).
    """

    def __init__(
        self,
        root: Path,
        tables: CurrentTables,
        filesystem_key: Callable[[int], str],
        digest: Callable[[str], tuple[str, bytes]] | None = None,
    ) -> None:
        self._root = root
        self._tables = tables
        self._filesystem_key = filesystem_key
        self._digest = digest

    def look(self, paths: Mapping[int, str]) -> dict[int, OnDisk | None]:
        """Returns what is at each path. What can't be looked at is as if it were not there."""
        return {path_id: self._look_at(os.path.join(self._root, path)) for path_id, path in paths.items()}

    def _look_at(self, path: str) -> OnDisk | None:
        try:
            found = os.stat(path)
        except (OSError, ValueError):
            return None
        if not stat.S_ISREG(found.st_mode):
            return None
        cached = self._tables.cached_digests(self._filesystem_key(found.st_dev), found.st_ino)
        for algorithm, size, mtime_ns, ctime_ns, value in cached:
            if (size, mtime_ns, ctime_ns) == (found.st_size, found.st_mtime_ns, found.st_ctime_ns):
                return self._known(found.st_size, algorithm, value)
        if self._digest is not None:
            try:
                return self._known(found.st_size, *self._digest(path))
            except OSError:
                return None
        return OnDisk(found.st_size, known=False)

    def _known(self, size: int, algorithm: str, value: bytes) -> OnDisk:
        artifact_id = self._tables.artifact_of(algorithm, value)
        return OnDisk(size, True, artifact_id, f"{algorithm}:{value.hex()}")
