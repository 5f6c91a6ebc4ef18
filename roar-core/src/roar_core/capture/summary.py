"""The one line that a run leaves on stderr."""

from __future__ import annotations

import os
import stat
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from roar_core.capture.run import RunResult


def writes_to_a_file(stream: TextIO | None) -> bool:
    """Returns whether a stream is a regular file: what the job wrote there is an output and must not be added to."""
    try:
        return stream is not None and stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        return False


def stop_writing_to_files() -> None:
    """Leads standard output and error nowhere from now on, where they are files: those are outputs to be digested."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and writes_to_a_file(stream):
            with suppress(OSError):
                stream.flush()
            null = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
            os.dup2(null, stream.fileno())
            os.close(null)


def job_summary(result: RunResult) -> str | None:
    """Returns the summary of a run that was recorded; None for one that was not, of which the user has been told."""
    recording = result.recording
    if recording is None:
        return None
    job_seconds = (result.ending.ended_ns - result.started_ns) / 1e9
    added_seconds = max(0.0, seconds_since_start() - job_seconds)
    step = recording.step_name or "waiting"
    line = summary_line(step, recording.uid, recording.inputs, recording.outputs, job_seconds, added_seconds)
    return f"{line} · {_count(recording.put_off, 'digest')} put off" if recording.put_off else line


def seconds_since_start() -> float:
    """Returns the wall time since this process was started, to 10 ms (proc(5), field 22 of stat)."""
    if sys.platform == "darwin":
        return max(0.0, time.time() - _started_on_macos())
    fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
    return max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / os.sysconf("SC_CLK_TCK"))


def _started_on_macos() -> float:
    """Returns when this process was started, in seconds since 1970 (libproc.h, `struct proc_bsdinfo`)."""
    import ctypes

    kind, size, start_at = 3, 136, 120
    information = ctypes.create_string_buffer(size)
    libproc = ctypes.CDLL(None)
    if libproc.proc_pidinfo(os.getpid(), kind, ctypes.c_uint64(0), information, size) != size:
        return time.time()
    started: tuple[int, int] = struct.unpack_from("=QQ", information, start_at)
    return started[0] + started[1] / 1e6


def summary_line(
    step: str, uid: str, inputs: int, outputs: int, job_seconds: float, added_seconds: float
) -> str:
    """Returns the summary of a recorded run: its place, what it read and wrote, its time and what roar added."""
    return (
        f"roar: {step} {uid} · {_count(inputs, 'input')} · {_count(outputs, 'output')} · "
        f"{_duration(job_seconds)} (+{added_seconds:.2f} s)"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"
