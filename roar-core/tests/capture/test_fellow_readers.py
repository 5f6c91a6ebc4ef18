"""Files read by other processes are read as here, whatever becomes of those processes."""

from __future__ import annotations

import errno
import os
import signal
import threading
from pathlib import Path

import pytest
from roar_core.capture import fellow_readers
from roar_core.capture.contents import Content, Wanted
from roar_core.capture.fellow_readers import FellowReaders
from roar_core.capture.reader import Reader
from roar_core.hashing.blake3 import Blake3Hasher
from roar_core.hashing.stdlib import sha256
from roar_core.store.records import Identity

FILES = 1100  # several messages a process


def make_files(folder: Path) -> list[Wanted]:
    """Files of a few bytes each, with their identities."""
    files = []
    for number in range(FILES):
        path = folder / str(number)
        path.write_text(f"file {number}")
        files.append(Wanted(Identity.of(path.stat()), str(path)))
    return files


def reader() -> Reader:
    """Digests by two algorithms."""
    return Reader({"blake3": Blake3Hasher(), "sha256": sha256()}, lambda: False)


def take_all(fellows: FellowReaders, files: list[Wanted]) -> dict[Identity, Content]:
    """Everything they find, waited for until nothing more can come."""
    for fellow in fellows._fellows:
        os.waitid(os.P_PID, fellow._process, os.WEXITED | os.WNOWAIT)
    found = {file.identity: fellows.take(file.identity) for file in files}
    return {identity: content for identity, content in found.items() if content is not None}


@pytest.mark.parametrize("count", [1, 3])
def test_what_they_find_when_they_have_time(tmp_path: Path, count: int) -> None:
    files = make_files(tmp_path)
    Path(files[3].path).unlink()
    Path(files[4].path).write_text("another text")
    here = {file.identity: reader().read(file.path, file.identity) for file in files}
    fellows = FellowReaders(reader(), files, count)
    there = take_all(fellows, files)
    fellows.close()
    assert there == here
    assert here[files[3].identity].reason
    assert here[files[4].identity].reason
    assert set(here[files[5].identity].digests) == {"blake3", "sha256"}


def test_nothing_is_waited_for_when_one_was_killed(tmp_path: Path) -> None:
    files = make_files(tmp_path)
    fellows = FellowReaders(reader(), files, 2)
    os.kill(fellows._fellows[0]._process, signal.SIGKILL)
    found = take_all(fellows, files)
    fellows.close()
    assert len(found) >= FILES // 2
    assert all(found[file.identity] == reader().read(file.path, file.identity) for file in files[-2::-2])


def test_no_process_is_left_when_they_are_closed(tmp_path: Path) -> None:
    fellows = FellowReaders(reader(), make_files(tmp_path), 2)
    processes = [fellow._process for fellow in fellows._fellows]
    fellows.close()
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_a_reader_that_goes_away_ends_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fellow_readers, "_PIPE_BYTES", 4096)
    fellows = FellowReaders(reader(), make_files(tmp_path), 1)
    fellow = fellows._fellows[0]
    os.close(fellow._receive)
    os.waitpid(fellow._process, 0)


def test_fewer_read_when_no_more_processes_are_to_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = make_files(tmp_path)
    forks = iter([os.fork])

    def fork() -> int:
        allowed = next(forks, None)
        if allowed is None:
            raise BlockingIOError(errno.EAGAIN, "no more processes")
        return allowed()

    monkeypatch.setattr(os, "fork", fork)
    before = len(os.listdir("/proc/self/fd"))
    fellows = FellowReaders(reader(), files, 2)
    found = take_all(fellows, files)
    fellows.close()
    assert len(found) == FILES // 2
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_plugins_hasher_is_not_forked() -> None:
    class Threaded(Blake3Hasher):
        lock = threading.Lock()

    assert reader().can_fork()
    assert not Reader({"blake3": Threaded()}, lambda: False).can_fork()
