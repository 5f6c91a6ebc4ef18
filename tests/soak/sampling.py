"""What roar holds at one moment, and whether it has grown over many."""

from __future__ import annotations

import ctypes
import os
import statistics
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MEMORY_SLACK, MEMORY_SLACK_BYTES, DESCRIPTOR_SLACK = 1.10, 3 << 20, 2


@dataclass(frozen=True, slots=True)
class ProcessSample:
    """One process: `name` as the kernel has it, resident memory and open descriptors."""

    pid: int
    name: str
    resident_bytes: int
    descriptors: int
    shared_segments: int


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What is on the machine of roar, by kind."""

    processes: frozenset[str]
    shared_memory: frozenset[str]
    temporary_files: frozenset[str]

    def apart_from(self, earlier: Leftovers) -> Leftovers:
        """Returns what was not there before."""
        return Leftovers(
            self.processes - earlier.processes,
            self.shared_memory - earlier.shared_memory,
            self.temporary_files - earlier.temporary_files,
        )


def sample_process(pid: int) -> ProcessSample | None:
    """Returns what a process holds; None where it has gone."""
    try:
        name = Path(f"/proc/{pid}/comm").read_text().strip()
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        maps = Path(f"/proc/{pid}/maps").read_text()
    except (OSError, IndexError):
        return None
    shared = sum(mark in line for line in maps.splitlines() for mark in ("/memfd:", "/dev/shm/", "/SYSV"))
    return ProcessSample(pid, name, pages * os.sysconf("SC_PAGE_SIZE"), descriptors, shared)


def processes_below(pids: Iterable[int]) -> list[int]:
    """Returns the processes of roar at or below these: Python running it, and those that are called roar-…"""
    parents: dict[int, int] = {}
    roars: set[int] = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            before, _, after = (folder / "stat").read_text().rpartition(")")
            pid = int(folder.name)
            state, parent = after.split()[:2]
            parents[pid] = int(parent)
            is_roar = b"roar_core" in (folder / "cmdline").read_bytes()
            if state != "Z" and (is_roar or before.partition("(")[2].startswith("roar-")):
                roars.add(pid)
    wanted = set(pids)
    return sorted(pid for pid in roars if wanted & _with_ancestors(pid, parents))


def _with_ancestors(pid: int, parents: dict[int, int]) -> set[int]:
    found: set[int] = set()
    while pid in parents and pid not in found:
        found.add(pid)
        pid = parents[pid]
    return found


def find_leftovers(temporary: Path) -> Leftovers:
    """Returns what there is below this process, in shared memory and in a temporary folder.

    Processes are found once this one has been made their parent (`adopt_orphans`).
    """
    processes = [sample_process(pid) for pid in processes_below([os.getpid()]) if pid != os.getpid()]
    return Leftovers(
        frozenset(f"{process.name} ({process.pid})" for process in processes if process is not None),
        frozenset(os.listdir("/dev/shm")),
        frozenset(str(path.relative_to(temporary)) for path in temporary.rglob("*") if not path.is_dir()),
    )


def adopt_orphans() -> None:
    """Makes this process the parent of all below it whose own has ended (PR_SET_CHILD_SUBREAPER)."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def growth(samples: Sequence[ProcessSample]) -> list[str]:
    """Returns in words what a process holds more of at the end than after its first third."""
    third = len(samples) // 3
    if third < 3:
        return [
            f"{samples[0].name if samples else 'a process'}: only {len(samples)} samples: too few to tell"
        ]
    early, late = samples[third : 2 * third], samples[-third:]
    name = samples[0].name
    found = []
    before, after = (int(statistics.median(s.resident_bytes for s in part)) for part in (early, late))
    if after > before * MEMORY_SLACK + MEMORY_SLACK_BYTES:
        found.append(f"{name}: memory grew from {before >> 10} KiB to {after >> 10} KiB")
    for kind in ("descriptors", "shared_segments"):
        before, after = (int(statistics.median(getattr(s, kind) for s in part)) for part in (early, late))
        if after > before + DESCRIPTOR_SLACK:
            found.append(f"{name}: {kind.replace('_', ' ')} grew from {before} to {after}")
    return found
