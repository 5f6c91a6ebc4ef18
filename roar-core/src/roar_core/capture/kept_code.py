"""A job's own code that git does not have, kept in `.roar/kept` by its BLAKE3, so that the job can be run once more.

The filters have had their say before: what may hold secrets is no input, and is not kept.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from roar_core.capture.contents import Content
from roar_core.hashing.blake3 import Blake3Hasher

if TYPE_CHECKING:
    from pathlib import Path

    from roar_core.capture.surroundings import Surroundings

MOST_FILE_BYTES = 1 << 20
MOST_BYTES = 32 << 20  # of one run
MOST_FILES = 2_000


class CodeKeeper:
    """Keeps files until a run has had its share. What can't be kept is not: nobody is to wait for it, or fail."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._hasher: Blake3Hasher | None = None
        self._seen: set[bytes] = set()
        self._left_bytes = MOST_BYTES

    def keep(self, path: str, content: Content) -> None:
        """Keeps the bytes at an absolute path, if they still are the content that the job read."""
        digest, size = content.digests.get("blake3"), content.size
        if digest is None or size is None or size > min(MOST_FILE_BYTES, self._left_bytes):
            return
        if digest in self._seen or len(self._seen) == MOST_FILES:
            return
        self._seen.add(digest)
        self._left_bytes -= size
        target = self._folder / digest.hex()
        with suppress(OSError):
            if not target.exists():
                self._copy(path, target, digest)

    def _copy(self, path: str, target: Path, digest: bytes) -> None:
        with open(path, "rb") as file:
            data = file.read(MOST_FILE_BYTES + 1)
        if self._hasher is None:
            self._hasher = Blake3Hasher()
            self._folder.mkdir(mode=0o700, exist_ok=True)
        if self._hasher.hash_bytes(data) != digest:
            return  # changed after the job had ended
        new = target.with_name(f".new-{os.urandom(8).hex()}")
        try:
            with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as copy:
                copy.write(data)
            os.rename(new, target)
        except BaseException:
            with suppress(OSError):
                new.unlink()
            raise


def code_keeper(around: Surroundings) -> CodeKeeper | None:
    """Returns what keeps the code of one run; None where the user does not want it kept."""
    return CodeKeeper(around.project.kept) if around.settings.flag("capture.keep_code") else None
