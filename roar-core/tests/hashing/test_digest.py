"""Digests of real files: right bytes, right identity, nothing disturbed."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
import time
from pathlib import Path

import pytest
from blake3 import blake3
from roar_core.hashing.blake3 import Blake3Hasher
from roar_core.hashing.digest import digest_file
from roar_core.hashing.errors import DigestStopped, FileChanged
from roar_core.hashing.stdlib import md5, sha256, sha512

HASHERS = {"blake3": Blake3Hasher(), "sha256": sha256(), "sha512": sha512(), "md5": md5()}
LARGE = 40 << 20


@pytest.mark.parametrize("size", [0, 1, 4096, 1 << 20, (1 << 20) + 1, 5 << 20, LARGE])
def test_digest_file_gives_all_digests_of_the_bytes(tmp_path: Path, size: int) -> None:
    data = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    path = tmp_path / "data"
    path.write_bytes(data)
    found = digest_file(str(path), tuple(HASHERS), HASHERS)
    assert found.digests == {
        "blake3": blake3(data).digest(),
        "sha256": hashlib.sha256(data).digest(),
        "sha512": hashlib.sha512(data).digest(),
        "md5": hashlib.md5(data, usedforsecurity=False).digest(),
    }
    status = path.stat()
    identity = found.identity
    assert (identity.device, identity.inode, identity.size) == (status.st_dev, status.st_ino, size)
    assert (identity.mtime_ns, identity.ctime_ns) == (status.st_mtime_ns, status.st_ctime_ns)


def test_digest_file_takes_a_path_that_is_not_utf8(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff\xfe"
    with open(path, "wb") as file:
        file.write(b"x")
    wanted = blake3(b"x").digest()
    assert digest_file(path, ("blake3",), HASHERS).digests["blake3"] == wanted
    assert digest_file(os.fsdecode(path), ("blake3",), HASHERS).digests["blake3"] == wanted


def test_digest_file_leaves_the_access_time_of_ones_own_file(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(b"x")
    os.utime(path, ns=(1_000_000_000, path.stat().st_mtime_ns))  # older than mtime: relatime would update it
    digest_file(str(path), ("blake3",), HASHERS)
    assert path.stat().st_atime_ns == 1_000_000_000


def test_digest_file_refuses_a_fifo_at_once(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    with pytest.raises(OSError) as refused:
        digest_file(str(path), ("blake3",), HASHERS)
    assert refused.value.errno == errno.EINVAL


@pytest.mark.parametrize("path", ["/proc/self/status", "/proc/self/maps"])
def test_digest_file_says_that_a_file_of_no_fixed_length_changed(path: str) -> None:
    with pytest.raises(FileChanged):
        digest_file(path, ("blake3",), HASHERS)


class ChangesTheFile:
    """A hasher during whose work the file is written to, as another process might."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def new(self) -> ChangesTheFile:
        return self

    def update(self, data: object) -> None:
        self._touch()

    def digest(self) -> bytes:
        return b""

    def hash_bytes(self, data: bytes) -> bytes:
        self._touch()
        return b""

    def hash_file(self, path: bytes | str) -> bytes:
        raise NotImplementedError

    def _touch(self) -> None:
        with open(self._path, "r+b") as file:
            file.write(b"!")


@pytest.mark.parametrize("size", [100, 2 << 20, LARGE])
def test_digest_file_says_that_a_file_was_written_to_meanwhile(tmp_path: Path, size: int) -> None:
    path = tmp_path / "data"
    path.write_bytes(bytes(size))
    os.utime(path, ns=(1_000, 1_000))
    with pytest.raises(FileChanged):
        digest_file(str(path), ("changes",), {"changes": ChangesTheFile(path)})


@pytest.mark.parametrize("size", [2 << 20, LARGE])
def test_digest_file_survives_a_truncation_meanwhile(tmp_path: Path, size: int) -> None:
    path = tmp_path / "data"
    path.write_bytes(bytes(size))

    class Truncates(ChangesTheFile):
        def _touch(self) -> None:
            os.truncate(path, 10)

    with pytest.raises(FileChanged):
        digest_file(str(path), ("changes",), {"changes": Truncates(path)})


def test_digest_file_stops_in_the_middle_of_a_large_file_when_told(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(bytes(LARGE))
    answers = iter([False, True])
    threads = threading.active_count()
    with pytest.raises(DigestStopped):
        digest_file(str(path), ("blake3",), HASHERS, must_stop=lambda: next(answers))
    assert threading.active_count() == threads


def test_hash_file_agrees_with_digest_file(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(b"abc")
    for name, hasher in HASHERS.items():
        assert hasher.hash_file(str(path)) == digest_file(str(path), (name,), HASHERS).digests[name]


@pytest.mark.alone
def test_digest_file_takes_less_than_a_second_for_30_000_small_files(tmp_path: Path) -> None:
    paths = []
    for number in range(30_000):
        if number % 500 == 0:
            (tmp_path / str(number // 500)).mkdir()
        path = tmp_path / str(number // 500) / str(number)
        path.write_bytes(os.urandom(100 + number % 4000))
        paths.append(str(path))
    began = time.process_time()
    for name in paths:
        digest_file(name, ("blake3",), HASHERS)
    assert time.process_time() - began < 0.7
