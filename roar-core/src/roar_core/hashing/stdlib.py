"""The digest algorithms of Python's standard library that others ask for: SHA-256, SHA-512, MD5."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from roar_core.plugin.protocols import HashState


class StdlibHasher:
    """Digests with an algorithm of `hashlib`, by name."""

    def __init__(self, name: str) -> None:
        self._name = name
        # MD5 names files here and secures nothing; without this, it is refused on machines in FIPS mode.
        self._new: Callable[..., HashState] = lambda data=b"": hashlib.new(name, data, usedforsecurity=False)

    def new(self) -> HashState:
        """Returns a fresh state."""
        return self._new()

    def hash_bytes(self, data: bytes) -> bytes:
        """Returns the digest of bytes in memory."""
        return self._new(data).digest()

    def hash_file(self, path: bytes | str) -> bytes:
        """Returns the digest of a regular file's bytes. Raises OSError."""
        from roar_core.hashing.digest import digest_file

        return digest_file(path, (self._name,), {self._name: self}).digests[self._name]


def sha256() -> StdlibHasher:
    """Returns a SHA-256 hasher."""
    return StdlibHasher("sha256")


def sha512() -> StdlibHasher:
    """Returns a SHA-512 hasher."""
    return StdlibHasher("sha512")


def md5() -> StdlibHasher:
    """Returns an MD5 hasher."""
    return StdlibHasher("md5")
