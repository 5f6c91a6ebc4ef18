"""Digests of very large files by a process that maps them: the same bytes, and nothing lost with that process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import blake3
import pytest
from roar_core.hashing import digest, mapped, mapping
from roar_core.hashing.blake3 import Blake3Hasher
from roar_core.hashing.errors import DigestStopped, FileChanged

HASHERS = {"blake3": Blake3Hasher()}
SIZE = mapping.PIECE_BYTES + 4097


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of more than one piece, the last of which is no whole number of pages."""
    path = tmp_path / "data"
    with path.open("wb") as file:
        file.truncate(SIZE)
        for offset in (0, mapping.PIECE_BYTES - 2, SIZE - 3):
            file.seek(offset)
            file.write(b"abc")
    return path


@pytest.fixture
def descriptor(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


@pytest.fixture
def wanted(path: Path) -> bytes:
    return blake3.blake3(path.read_bytes()).digest()


def become(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    """Has this be run instead of Python."""
    program = folder / "instead"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))


def test_digest_mapped_is_that_of_the_bytes(descriptor: int, wanted: bytes) -> None:
    assert mapped.digest_mapped(descriptor, SIZE, None) == wanted


def test_files_from_a_size_on_are_mapped(path: Path, wanted: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    monkeypatch.setattr(mapped, "digest_mapped", lambda _, size, __: sizes.append(size) or b"its answer")
    monkeypatch.setattr(digest, "MAPPED_BYTES", SIZE + 1)
    assert digest.digest_file(str(path), ("blake3",), HASHERS).digests["blake3"] == wanted
    monkeypatch.setattr(digest, "MAPPED_BYTES", SIZE)
    assert digest.digest_file(str(path), ("blake3",), HASHERS).digests["blake3"] == b"its answer"
    assert sizes == [SIZE]


@pytest.mark.parametrize("script", ["kill -BUS $$", "exit 3", "echo too short"])
def test_file_is_read_where_the_process_fails(
    script: str, path: Path, tmp_path: Path, wanted: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    become(monkeypatch, tmp_path, script)
    monkeypatch.setattr(digest, "MAPPED_BYTES", SIZE)
    assert digest.digest_file(str(path), ("blake3",), HASHERS).digests["blake3"] == wanted


def test_file_is_read_where_there_is_no_process(
    path: Path, wanted: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "")
    monkeypatch.setattr(digest, "MAPPED_BYTES", SIZE)
    assert digest.digest_file(str(path), ("blake3",), HASHERS).digests["blake3"] == wanted


def test_file_that_became_shorter_changed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = mapped.digest_mapped

    def truncate_before(descriptor: int, size: int, must_stop: None) -> bytes | None:
        os.truncate(path, SIZE // 2)
        answer = asked(descriptor, size, must_stop)
        assert answer is None
        return answer

    monkeypatch.setattr(mapped, "digest_mapped", truncate_before)
    monkeypatch.setattr(digest, "MAPPED_BYTES", SIZE)
    with pytest.raises(FileChanged):
        digest.digest_file(str(path), ("blake3",), HASHERS)


def test_digest_mapped_stops_when_told_and_leaves_no_process(
    descriptor: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    become(monkeypatch, tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 1000")

    def must_stop() -> bool:
        return (tmp_path / "pid").exists() and bool((tmp_path / "pid").read_text())

    with pytest.raises(DigestStopped):
        mapped.digest_mapped(descriptor, SIZE, must_stop)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_process_ends_when_nobody_wants_its_answer(descriptor: int) -> None:
    packages = str(Path(blake3.__file__).parent.parent)
    command = [sys.executable, "-I", "-S", mapping.__file__, packages, str(SIZE)]
    ours, others = str(os.getpid()), str(os.getppid())
    done = subprocess.run([*command, ours], stdin=descriptor, capture_output=True, check=True)
    assert len(done.stdout) == 32
    done = subprocess.run([*command, others], stdin=descriptor, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, b"")
