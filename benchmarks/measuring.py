"""What every benchmark here shares: timing a command, the machine it ran on, and keeping the figures."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
PROGRAMS = Path(__file__).resolve().parent / "programs"
SCRATCH = Path(os.environ.get("BENCH_SCRATCH", Path.home() / ".cache/roar-benchmarks"))
PYTHON = os.environ.get("BENCH_PYTHON", sys.executable)


def find_roar() -> str:
    """The `roar` to measure: ROAR, or the one beside this Python, or the one on PATH."""
    beside = Path(sys.executable).parent / "roar"
    found = os.environ.get("ROAR") or (str(beside) if beside.exists() else shutil.which("roar"))
    if not found:
        sys.exit("no `roar` beside this Python or on PATH; ROAR names one")
    return found


@dataclass(frozen=True, slots=True)
class Timing:
    """Wall time of one command and its exit status."""

    seconds: float
    status: int


def run_once(command: list[str], folder: Path, limit_seconds: float = 60) -> Timing:
    """Runs a command with no input and no output; one that takes longer than the limit is killed.

    Python may keep compiled modules, whatever this shell says: most installers leave them, and all but the first run
    find them.
    """
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    quiet = subprocess.DEVNULL
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdin=quiet, stdout=quiet, stderr=quiet)
    timer = threading.Timer(limit_seconds, process.kill)  # Popen.wait(timeout) polls, in steps of up to 50 ms
    timer.start()
    status = process.wait()
    seconds = time.perf_counter() - started
    timer.cancel()
    return Timing(seconds, status)


class PeakMemory:
    """Watches the processes below one and keeps the peak resident memory of each program, in bytes, by its name.

    A context manager around the time to watch. Peaks come from VmHWM, so that nothing between two looks is missed
    but the last moments of a process.
    """

    def __init__(self, interval_seconds: float = 0.02) -> None:
        self.peaks: dict[str, int] = {}
        self._interval = interval_seconds
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        own = os.getpid()
        while not self._done.wait(self._interval):
            for pid in [int(name) for name in os.listdir("/proc") if name.isdigit()]:
                self._look(pid, own)

    def _look(self, pid: int, own: int) -> None:
        try:
            status = Path(f"/proc/{pid}/status").read_text()
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:  # it has gone
            return
        is_child = f"\nPPid:\t{own}\n" in status
        if pid == own or not (is_child or b"roar-tracer" in command[0]):
            return
        for line in status.splitlines():
            if line.startswith("VmHWM:"):
                name = os.path.basename(os.fsdecode(command[0]))
                self.peaks[name] = max(self.peaks.get(name, 0), int(line.split()[1]) * 1024)


def describe_machine() -> dict[str, Any]:
    """CPU, cores, memory and kernel of this machine."""
    models = [
        line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")
    ]
    return {
        "cpu": models[0].partition(":")[2].strip() if models else platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def describe_commit() -> str:
    """The commit that is measured, `+` after it where the tree has changes that are not committed."""
    git = ["git", "-C", str(REPOSITORY)]
    commit = subprocess.run(
        [*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=False
    )
    changed = subprocess.run(
        [*git, "status", "--porcelain", "-uno", "--", ".", ":!docs", ":!benchmarks/results"],
        capture_output=True,
        text=True,
        check=False,
    )
    return (commit.stdout.strip() or "unknown") + ("+" if changed.stdout.strip() else "")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; `goal` is the highest that is good enough, None where there is none."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the goal is met; no goal always is."""
        return self.goal is None or self.value <= self.goal

    def line(self) -> str:
        """The figure for a terminal."""
        against = "" if self.goal is None else f"  goal {self.goal:g}: {'met' if self.met else 'ABOVE'}"
        return f"{self.name:44} {self.value:10.3f} {self.unit:8}{against}" + (
            f"  ({self.note})" if self.note else ""
        )


def keep(benchmark: str, figures: list[Figure], file: Path | None) -> None:
    """Writes the figures with commit, machine and time to `file` as JSON; nothing where it is None."""
    if file is None:
        return
    rows = [
        {"name": f.name, "value": round(f.value, 4), "unit": f.unit, "goal": f.goal, "note": f.note}
        for f in figures
    ]
    document = {
        "benchmark": benchmark,
        "commit": describe_commit(),
        "measured_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "machine": describe_machine(),
        "figures": rows,
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, indent=1) + "\n")


def report(benchmark: str, figures: list[Figure], file: Path | None, check: bool) -> int:
    """Prints and keeps the figures; the exit status is 1 where `check` is set and a goal is not met."""
    for figure in figures:
        print(figure.line(), flush=True)
    keep(benchmark, figures, file)
    return conclude(figures, check)


def conclude(figures: list[Figure], check: bool) -> int:
    """The exit status: 1 where `check` is set and a goal is not met; says which."""
    above = [figure.name for figure in figures if not figure.met]
    if check:
        print(
            f"{len(figures)} measured, {len(above)} above goal" + (": " + ", ".join(above) if above else "")
        )
    return int(check and bool(above))
