"""The processes below one."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def named_below(pid: int, prefix: str) -> dict[int, str]:
    """Returns the names of the processes below `pid` whose names begin so, by process id.

    Not by /proc/PID/task/TID/children, which leaves some out while others end (proc(5)).
    """
    parents: dict[int, int] = {}
    named: dict[int, str] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            before, _, after = stat.read_text().rpartition(")")
            child = int(stat.parent.name)
            state, parent = after.split()[:2]
            parents[child] = int(parent)
            name = before.partition("(")[2]
            if name.startswith(prefix) and state != "Z":
                named[child] = name
    return {child: name for child, name in named.items() if pid in _ancestors(child, parents)}


def _ancestors(pid: int, parents: dict[int, int]) -> set[int]:
    found: set[int] = set()
    while pid in parents and pid not in found:
        found.add(pid)
        pid = parents[pid]
    return found
