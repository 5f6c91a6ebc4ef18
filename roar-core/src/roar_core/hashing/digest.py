"""Digests of one file by any number of algorithms, in one reading, together with the identity that they hold for."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from roar_core.hashing.errors import FileChanged
from roar_core.store.records import Identity

if TYPE_CHECKING:
    from roar_core.plugin.protocols import Hasher

# Up to here one read() and one thread are fastest; more threads only pay from about 1 MiB on.
WHOLE_BYTES = 1 << 20
# From here on mapping the file saves more than a process to do it takes.
MAPPED_BYTES = 1 << 30
# NONBLOCK: a FIFO put in the file's place must not stop us. NOATIME: looking at a file must not change it.
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
_NO_ATIME = getattr(os, "O_NOATIME", 0)

_S_IFMT, _S_IFREG = 0o170000, stat.S_IFREG


class FileDigest(NamedTuple):
    """Digests by algorithm name, and the identity that the file had before and after reading."""

    digests: Mapping[str, bytes]
    identity: Identity


def digest_file(
    path: bytes | str,
    algorithms: Sequence[str],
    hashers: Mapping[str, Hasher],
    must_stop: Callable[[], bool] | None = None,
    expected: Identity | None = None,
) -> FileDigest:
    """Returns the digests of a regular file. The file is read once, whatever the number of algorithms.

    `must_stop` is asked every few MiB, or every 50 ms, of a large file. Memory stays below 20 MiB, or below 80 MiB in a
    process of its own from 1 GiB on.
    `expected`: the identity it should have; a file that has another one is not read.

    Raises:
        FileChanged: its identity or its length was another one before or after reading.
        DigestStopped: `must_stop` said so.
        OSError: it can't be read; EINVAL: it is not a regular file.
    """
    descriptor = _open(path)
    try:
        before = os.fstat(descriptor)
        if before.st_mode & _S_IFMT != _S_IFREG:
            raise OSError(errno.EINVAL, "not a regular file", os.fsdecode(path))
        identity = Identity.of(before)
        size = identity.size
        if expected is not None and identity != expected:
            raise FileChanged(os.fsdecode(path))
        if size <= WHOLE_BYTES:
            data = os.read(descriptor, size + 1)
            if len(data) != size:
                data = _read_rest(descriptor, data, size)
            digests = {name: hashers[name].hash_bytes(data) for name in algorithms}
            length = len(data)
        else:
            length, digests = _digest_large(
                descriptor, size, {name: hashers[name] for name in algorithms}, must_stop
            )
        after = Identity.of(os.fstat(descriptor))
    finally:
        os.close(descriptor)
    if length != size or after != identity:
        raise FileChanged(os.fsdecode(path))
    return FileDigest(digests, identity)


def _open(path: bytes | str) -> int:
    try:
        return os.open(path, _FLAGS | _NO_ATIME)
    except PermissionError:  # open(2): O_NOATIME is for the owner and for root
        return os.open(path, _FLAGS)


def _digest_large(
    descriptor: int, size: int, hashers: Mapping[str, Hasher], must_stop: Callable[[], bool] | None
) -> tuple[int, dict[str, bytes]]:
    """Returns how many bytes there were, and their digests. Raises OSError and DigestStopped."""
    if size >= MAPPED_BYTES and list(hashers) == ["blake3"]:  # others are slower than any reading
        from roar_core.hashing.mapped import digest_mapped

        digest = digest_mapped(descriptor, size, must_stop)
        if digest is not None:
            return size, {"blake3": digest}
    from roar_core.hashing.stream import digest_stream

    return digest_stream(
        descriptor, size, {name: hasher.new() for name, hasher in hashers.items()}, must_stop
    )


def _read_rest(descriptor: int, data: bytes, size: int) -> bytes:
    """Returns the file's bytes where one read() gave fewer than `size`, as network file systems may."""
    parts = [data]
    length = len(data)
    while length <= size:
        part = os.read(descriptor, size + 1 - length)
        if not part:
            break
        parts.append(part)
        length += len(part)
    return b"".join(parts)
