"""BLAKE3-256, roar's own digest algorithm."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from roar_core.plugin.protocols import HashState


class Blake3Hasher:
    """Digests with the `blake3` package, which takes as many threads as there are processors for long updates."""

    def __init__(self) -> None:
        from blake3 import blake3  # a shared object that most commands need not load

        self._blake3 = blake3

    def new(self) -> HashState:
        """Returns a fresh state, whose updates above 128 KiB are spread over all processors."""
        return self._blake3(max_threads=self._blake3.AUTO)

    def hash_bytes(self, data: bytes) -> bytes:
        """Returns the digest of bytes in memory, by this thread alone."""
        return self._blake3(data).digest()

    def hash_file(self, path: bytes | str) -> bytes:
        """Returns the digest of a regular file's bytes. Raises OSError."""
        from roar_core.hashing.digest import digest_file

        return digest_file(path, ("blake3",), {"blake3": self}).digests["blake3"]
