"""Whether the process that writes a run still lives: it holds a lock on one byte, which the kernel drops with it."""

from __future__ import annotations

import fcntl
import os
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from roar_core.store.failures import translate_os_error


@contextmanager
def open_writer_locks(directory: Path) -> Iterator[int]:
    """Yields a descriptor of the file whose n-th byte is locked by the writer of job n. Closing it drops the locks."""
    path = directory / "writers.lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise translate_os_error(error, path) from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def lock_job(descriptor: int, job_id: int) -> bool:
    """Returns whether the byte of `job_id` is this descriptor's now; False: another living writer's."""
    try:
        if sys.platform == "linux":  # the lock belongs to the descriptor, not to the process (fcntl(2))
            request = struct.pack("@hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, job_id, 1, 0)
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, request)
        else:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, job_id)
    except OSError:
        return False
    return True
