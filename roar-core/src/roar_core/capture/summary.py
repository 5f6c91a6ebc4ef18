"""The one line that a run leaves on stderr."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path


def writes_to_a_file(descriptor: int) -> bool:
    """Returns whether a descriptor is a regular file: what the job wrote there is an output and must not be added to."""
    try:
        return stat.S_ISREG(os.fstat(descriptor).st_mode)
    except OSError:
        return False


def seconds_since_start() -> float:
    """Returns the wall time since this process was started, to 10 ms (proc(5), field 22 of stat)."""
    fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
    return max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / os.sysconf("SC_CLK_TCK"))


def summary_line(step: str, uid: str, inputs: int, outputs: int, job_seconds: float, added_seconds: float) -> str:
    """Returns the summary of a recorded run: what it read and wrote, its place, its time and what observing it added."""
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
