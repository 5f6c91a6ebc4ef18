#!/usr/bin/env python3
"""What a job over many files costs under `roar run`: seconds added, and peak memory of roar and of the tracer.

many_files.py                       10,000 small outputs and 20,000 small inputs, no digest known beforehand
many_files.py --inputs 1000000 --outputs 0      a million inputs (4 GB of disk)
"""

from __future__ import annotations

import argparse
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
    project = SCRATCH / f"many-{options.inputs}-{options.outputs}"
    project.mkdir(parents=True, exist_ok=True)
    compile_program("many_files", project / "program")
    if not (project / "ready").exists():
        write_small_files(project / "in", options.inputs, 20)
        (project / "ready").touch()
    figures = measure(project, options)
    return report("many_files", figures, options.json, options.check)


def measure(project: Path, options: argparse.Namespace) -> list[Figure]:
    """Medians over the repeats; time and memory are taken in runs of their own, since watching costs time."""
    roar = find_roar()
    job = ["./program", str(options.inputs), str(options.outputs)]
    observed = [roar, "run", "-q", "--tracer", options.tracer, *job]
    added, peaks = [], []
    for _ in range(options.repeats):
        added.append(-run_afresh(job, project, roar))
        added[-1] += run_afresh(observed, project, roar)
        with PeakMemory() as memory:
            run_afresh(observed, project, roar)
        peaks.append((peak_mib(memory, tracer=False), peak_mib(memory, tracer=True)))
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


def run_afresh(command: list[str], project: Path, roar: str) -> float:
    """Seconds of a run that finds neither outputs nor a database; ends the benchmark where it fails."""
    shutil.rmtree(project / "out", ignore_errors=True)
    (project / "out").mkdir()
    shutil.rmtree(project / ".roar", ignore_errors=True)
    subprocess.run([roar, "init", "-n"], cwd=project, check=True, stdout=subprocess.DEVNULL)
    timing = run_once(command, project, LIMIT_SECONDS)
    if timing.status:
        sys.exit(f"failed with {timing.status}: {' '.join(command)}")
    return timing.seconds


def peak_mib(memory: PeakMemory, *, tracer: bool) -> float:
    """The peak of the tracer's processes, or of roar's."""
    peaks = [peak for name, peak in memory.peaks.items() if ("roar-tracer" in name) is tracer]
    return max(peaks, default=0) / MIB


if __name__ == "__main__":
    sys.exit(main())
