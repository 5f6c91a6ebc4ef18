"""The files that undoing a job looks at and changes."""

from __future__ import annotations

import os
import shutil
import stat
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from roar_core.errors import system_reason
from roar_core.hashing.cache import DigestCache
from roar_core.hashing.digest import digest_file
from roar_core.hashing.errors import FileChanged
from roar_core.store.digest_cache import CacheTable
from roar_core.store.records import Identity
from roar_core.undo.plan import Change

if TYPE_CHECKING:
    import sqlite3

    from roar_core.plugin.protocols import Hasher
    from roar_core.project import Project

ALGORITHM = "blake3"


class ProjectFiles:
    """Files by their recorded paths. What they hold is looked up in the digest cache, or read."""

    def __init__(self, project: Project, connection: sqlite3.Connection, hasher: Hasher) -> None:
        self._project = project
        self._hashers = {ALGORITHM: hasher}
        self._cache = DigestCache(CacheTable(connection))
        self._seen: dict[str, Identity] = {}

    def digest_at(self, path: str) -> str | None:
        """Returns the BLAKE3 of the file at a path, in hex; None where there is nothing, "" where it can't be read."""
        full = self._project.absolute(path)
        try:
            status = os.lstat(full)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:
            return ""
        if not stat.S_ISREG(status.st_mode):
            return ""
        identity = Identity.of(status)
        self._seen[path] = identity
        known = self._cache.lookup(identity, (ALGORITHM,))
        if known is not None:
            return known[ALGORITHM].hex()
        begun_ns = time.time_ns()
        try:
            found = digest_file(full, (ALGORITHM,), self._hashers)
        except (OSError, FileChanged):
            return ""
        self._cache.remember(found.identity, found.digests, begun_ns)
        return found.digests[ALGORITHM].hex()

    def is_kept(self, digest: str) -> bool:
        """Returns whether the bytes of a digest are kept, whole."""
        try:
            kept = digest_file(str(self._project.kept / digest), (ALGORITHM,), self._hashers)
        except (OSError, FileChanged):
            return False
        return kept.digests[ALGORITHM].hex() == digest

    def carry_out(self, change: Change) -> Change:
        """Does what a change says, and returns it; or one that leaves the file as it is, with the reason."""
        try:
            if change.action == "delete":
                return self._delete(change)
            if change.action == "put back":
                return self._put_back(change)
            if change.action == "move back":
                return self._move_back(change)
        except OSError as error:
            return _left(change, system_reason(error))
        return change

    def _delete(self, change: Change) -> Change:
        if self._has_changed(change.path):
            return _left(change, "changed just now")
        os.unlink(self._project.absolute(change.path))
        return change

    def _put_back(self, change: Change) -> Change:
        assert change.digest is not None
        target = self._project.absolute(change.path)
        mode = None
        if change.source is not None:  # the job's own file is in the place
            if self._has_changed(change.path):
                return _left(change, "changed just now")
            mode = stat.S_IMODE(os.lstat(target).st_mode)
        elif os.path.lexists(target):
            return _left(change, "is there again")
        os.makedirs(os.path.dirname(target), exist_ok=True)
        new = f"{target}.roar-{os.urandom(4).hex()}"
        try:
            with open(new, "xb") as copy, open(self._project.kept / change.digest, "rb") as kept:
                shutil.copyfileobj(kept, copy, 1 << 20)
                if mode is not None:
                    os.fchmod(copy.fileno(), mode)
            os.rename(new, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(new)
            raise
        return change

    def _move_back(self, change: Change) -> Change:
        assert change.source is not None
        target = self._project.absolute(change.path)
        if self._has_changed(change.source):
            return _left(change, "changed just now")
        if os.path.lexists(target):
            return _left(change, "is there again")
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.move(self._project.absolute(change.source), target)
        return change

    def _has_changed(self, path: str) -> bool:
        return Identity.of(os.lstat(self._project.absolute(path))) != self._seen.get(path)


def _left(change: Change, why: str) -> Change:
    return Change(
        "leave", change.source if change.action == "move back" and change.source else change.path, why=why
    )
