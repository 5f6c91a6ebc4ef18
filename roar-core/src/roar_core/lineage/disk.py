"""What lies on disk where a version was, as far as that can be said without reading it."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from roar_core.hashing.cache import DigestCache
from roar_core.store.current import ContentRead, CurrentTables
from roar_core.store.records import Identity

if TYPE_CHECKING:
    from roar_core.plugin.protocols import Hasher


class OnDisk(NamedTuple):
    """A path's file.

    `known`: its content is `artifact_id`, or was never recorded where that is None; `digest` names it then. Where it is
    not known, only a different size tells that it changed.
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

    def look(self, contents: Collection[ContentRead]) -> dict[int, OnDisk | None]:
        """Returns what is where these contents were read, by the path's id; None where there is no file."""
        ...


class DiskFiles:
    """The files of a project: one `stat` each, and the digest cache for those whose identity it knows."""

    def __init__(
        self,
        root: Path,
        tables: CurrentTables,
        cache: DigestCache,
        algorithms: Sequence[str],
    ) -> None:
        """`algorithms`: those by which contents were recorded."""
        self._root = str(root)
        self._tables = tables
        self._cache = cache
        self._algorithms = algorithms

    def look(self, contents: Collection[ContentRead]) -> dict[int, OnDisk | None]:
        """Returns what is at each path. What can't be looked at is as if it were not there."""
        paths = {content.path_id: content.path for content in contents}
        identities = self._identify(paths)
        self._cache.look_up(identities.values(), self._algorithms)
        files = [
            (path_id, *((one.size, digests) if digests else self._read(paths[path_id], one.size)))
            for path_id, one in identities.items()
            for digests in (self._cache.found(one),)
        ]
        artifacts = {
            name: self._artifacts(name, {of[name] for _, _, of in files if name in of}, contents)
            for name in self._algorithms
        }
        found: dict[int, OnDisk | None] = dict.fromkeys(paths)
        for path_id, size, digests in files:
            found[path_id] = _file(size, digests, artifacts)
        return found

    def _artifacts(
        self, algorithm: str, values: set[bytes], contents: Iterable[ContentRead]
    ) -> dict[bytes, int]:
        """Returns the artifacts that have these digests. Most files hold what was read, which need not be asked for."""
        if algorithm != "blake3":
            return self._tables.artifacts_of(algorithm, values)
        known = {content.blake3: content.artifact_id for content in contents if content.blake3 is not None}
        return known | self._tables.artifacts_of(algorithm, values - known.keys())

    def _identify(self, paths: Mapping[int, str]) -> dict[int, Identity]:
        identities = {}
        for path_id, path in paths.items():
            try:
                status = os.stat(path if path.startswith("/") else f"{self._root}/{path}")
            except (OSError, ValueError):
                continue
            if stat.S_ISREG(status.st_mode):
                identities[path_id] = Identity.of(status)
        return identities

    def _read(self, path: str, size: int) -> tuple[int, Mapping[str, bytes]]:
        """Returns the size of a file that the digest cache does not know, and what can be found out of its content."""
        return size, {}


def _file(size: int, digests: Mapping[str, bytes], artifacts: Mapping[str, Mapping[bytes, int]]) -> OnDisk:
    if not digests:
        return OnDisk(size, known=False)
    for name, value in digests.items():
        artifact_id = artifacts[name].get(value)
        if artifact_id is not None:
            return OnDisk(size, True, artifact_id)
    name, value = next(iter(digests.items()))
    return OnDisk(size, True, None, f"{name}:{value.hex()}")


class VerifiedFiles(DiskFiles):
    """The same, but files that the digest cache does not know are read (`roar dag --verify`)."""

    def __init__(
        self,
        root: Path,
        tables: CurrentTables,
        cache: DigestCache,
        hashers: Mapping[str, Hasher],
    ) -> None:
        """`hashers`: by the algorithms by which contents were recorded."""
        super().__init__(root, tables, cache, tuple(hashers))
        self._hashers = hashers

    def look(self, contents: Collection[ContentRead]) -> dict[int, OnDisk | None]:
        """Returns what is at each path, for certain unless a file can't be read."""
        found = super().look(contents)
        self._cache.flush()
        return found

    def _read(self, path: str, size: int) -> tuple[int, Mapping[str, bytes]]:
        from roar_core.hashing.digest import digest_file
        from roar_core.hashing.errors import FileChanged

        begun_ns = time.time_ns()
        try:
            read = digest_file(os.path.join(self._root, path), self._algorithms, self._hashers)
        except (OSError, FileChanged):
            return size, {}
        self._cache.remember(read.identity, read.digests, begun_ns)
        return read.identity.size, read.digests
