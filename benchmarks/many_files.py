#!/usr/bin/env python3
"""What a job over many files costs under `roar run`: seconds added, and peak memory of roar and of the tracer.

many_files.py                       10,000 small outputs and 20,000 small inputs, no digest known beforehand
many_files.py --inputs 1000000 --outputs 0      a million inputs (4 GB of disk)
"""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from measuring import SCRATCH, Figure, PeakMemory, find_roar, report, run_once
from workloads import compile_program, write_small_files

LIMIT_SECONDS = 1800
MIB = 2**20
# Goals by number of inputs: seconds that `roar run` adds, and peak memory of roar and tracer together.
GOALS = {20_000: (2.0, 150), 1_000_000: (None, 1024)}


def main() -> int:
    """The exit status: 1 with --check where a goal is not met."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--outputs", type=int, default=10_000)
    parser.add_argument("--tracer", default="ptrace")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    # Beside the scratch folder, which is a project itself.
    project = SCRATCH.with_name(f"{SCRATCH.name}-many-{options.inputs}-{options.outputs}")
    project.mkdir(parents=True, exist_ok=True)
    with (project / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one measurement at a time
        compile_program("many_files", project / "program")
        if not (project / "ready").exists():
            write_small_files(project / "in", options.inputs, 20)
            (project / "ready").touch()
        figures = measure(project, options)
    return report("many_files", figures, options.json, options.check)


def measure(project: Path, options: argparse.Namespace) -> list[Figure]:
    """Medians over the repeats; time and memory are taken in runs of their own, since watching costs time."""
    scene = Scene(project, find_roar())
    job = ["./program", str(options.inputs), str(options.outputs)]
    observed = [scene.roar, "run", "-q", "--tracer", options.tracer, *job]
    added, peaks = [], []
    for _ in range(options.repeats):
        bare = scene.run(job)
        added.append(scene.run(observed) - bare)
        with PeakMemory() as memory:
            scene.run(observed)
        peaks.append((peak_mib(memory, tracer=False), peak_mib(memory, tracer=True)))
    scene.clear()
    label = f"{options.inputs} inputs, {options.outputs} outputs"
    seconds_goal, memory_goal = GOALS.get(options.inputs, (None, None))
    of_roar, of_tracer = (statistics.median(peak[i] for peak in peaks) for i in (0, 1))
    return [
        Figure(f"{label}: time", statistics.median(added), "s added", seconds_goal),
        Figure(
            f"{label}: memory",
            of_roar + of_tracer,
            "MiB",
            memory_goal,
            f"roar {of_roar:.0f}, tracer {of_tracer:.0f}",
        ),
    ]


class Scene:
    """The project; each run finds neither outputs nor a database.

    What a run left is removed in the end only: for a while after many files have been removed, making files takes up
    to ten times as long.
    """

    def __init__(self, project: Path, roar: str) -> None:
        self.project = project
        self.roar = roar
        self._past = project / "past"
        self.clear()

    def clear(self) -> None:
        """Removes what the runs left."""
        shutil.rmtree(self._past, ignore_errors=True)
        shutil.rmtree(self.project / ".roar", ignore_errors=True)
        os.sync()

    def run(self, command: list[str]) -> float:
        """Seconds of a run; ends the benchmark where it fails."""
        past = self._past / str(len(list(self._past.glob("*"))))
        outputs = past / "out"
        outputs.mkdir(parents=True)
        if (self.project / ".roar").exists():
            (self.project / ".roar").rename(past / "database")
        subprocess.run([self.roar, "init", "-n"], cwd=self.project, check=True, stdout=subprocess.DEVNULL)
        os.sync()
        timing = run_once([*command, str(outputs.relative_to(self.project))], self.project, LIMIT_SECONDS)
        if timing.status:
            sys.exit(f"failed with {timing.status}: {' '.join(command)}")
        return timing.seconds


def peak_mib(memory: PeakMemory, *, tracer: bool) -> float:
    """The peak of the tracer's processes, or of roar's."""
    peaks = [peak for name, peak in memory.peaks.items() if ("roar-tracer" in name) is tracer]
    return max(peaks, default=0) / MIB


if __name__ == "__main__":
    sys.exit(main())
