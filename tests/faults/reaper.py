"""Runs a command and stays until the last of its descendants has ended, however they were orphaned.

    reaper.py REPORT SECONDS COMMAND…

Three lines on the descriptor REPORT: the command's process id, its status (as `subprocess` gives it) when it ends, then
`gone`, or the names of the processes that were still there after SECONDS; these are killed.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


class OutOfTime(Exception):
    """The alarm has gone off."""


def main(report: int, seconds: int, command: list[str]) -> None:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    os.set_inheritable(report, False)
    signal.signal(signal.SIGALRM, _raise)
    pid = os.posix_spawnp(command[0], command, os.environ, setsigdef=(signal.SIGPIPE, signal.SIGXFSZ))
    _say(report, str(pid))
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):  # pipes must close when the command's own ends do
        os.dup2(null, descriptor)
    signal.alarm(seconds)
    try:
        while True:
            ended, status = os.wait()
            if ended == pid:
                _say(report, str(os.waitstatus_to_exitcode(status)))
    except ChildProcessError:
        _say(report, "gone")
    except OutOfTime:
        _say(report, " ".join(_kill_all()))


def _raise(number: int, frame: object) -> None:
    raise OutOfTime


def _kill_all() -> list[str]:
    """Kills child after child: what they leave behind becomes a child of this process."""
    names = []
    while True:
        for child in Path("/proc/thread-self/children").read_text().split():
            names.append(Path(f"/proc/{child}/comm").read_text().strip())
            os.kill(int(child), signal.SIGKILL)
        try:
            os.wait()
        except ChildProcessError:
            return names


def _say(report: int, text: str) -> None:
    os.write(report, text.encode() + b"\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
