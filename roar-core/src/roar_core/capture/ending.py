"""Ending as the job did, so that a shell can't tell whether roar was there."""

from __future__ import annotations

import os
import resource
import signal
import sys
from contextlib import suppress
from typing import NamedTuple, NoReturn

PR_SET_DUMPABLE = 4


class Ending(NamedTuple):
    """How a command ended: by an exit code or by a signal. `errno` is set when it could not be executed at all."""

    exit_code: int | None
    signal: int | None
    ended_ns: int
    errno: int | None = None
    peak_memory_bytes: int | None = None
    cpu_seconds: float | None = None


def end_like(ending: Ending) -> NoReturn:
    """Ends this process with the job's status, or by the job's signal without leaving a core of its own."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # closed by who started roar
            with suppress(OSError):
                stream.flush()
    if ending.signal is not None:
        _die_by(ending.signal)
    os._exit(ending.exit_code if ending.exit_code is not None else 128 + (ending.signal or 0))


def _die_by(number: int) -> None:
    _forbid_core_dump()
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])
    os.kill(os.getpid(), number)


def _forbid_core_dump() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    try:
        import ctypes  # 5 ms, wanted only here: a limit of 0 does not keep a core_pattern pipe from being served

        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        pass
