#!/usr/bin/env python3
"""How long the short commands take in a project of 100 jobs, beside `python -c "import click"`.

The goal is 0.20 s on a machine where that import takes 0.06 s, and is scaled by what it takes here.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from measuring import PYTHON, Figure, find_roar, report, run_once

GOAL_SECONDS, REFERENCE_SECONDS = 0.20, 0.06
JOBS = 100
COMMANDS = {
    "run true": ["run", "-q", "true"],
    "log": ["log"],
    "show": ["show", "@50"],
    "dag": ["dag"],
    "status": ["status"],
}


def main() -> int:
    """The exit status: 1 with --check where a goal is not met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="roar-startup-") as folder:
        return report(
            "startup", measure(Path(folder), find_roar(), options.repeats), options.json, options.check
        )


def measure(project: Path, roar: str, repeats: int) -> list[Figure]:
    """The median of each command, all commands in turn, so that a slow moment of the machine meets them all."""
    make_project(project, roar)
    commands = {"import click": [PYTHON, "-c", "import click"], "pass": [PYTHON, "-c", "pass"]}
    commands |= {f"roar {name}": [roar, *arguments] for name, arguments in COMMANDS.items()}
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for name, command in commands.items():
        if run_once(command, project).status != 0:
            sys.exit(f"failed: {name}")
    for _ in range(repeats):
        for name, command in commands.items():
            seconds[name].append(run_once(command, project).seconds)
    reference = statistics.median(seconds["import click"])
    goal = round(GOAL_SECONDS * max(reference / REFERENCE_SECONDS, 0.5), 3)
    return [
        Figure(
            name,
            statistics.median(taken),
            "s",
            goal if name.startswith("roar") else None,
            f"{statistics.median(taken) / reference:.1f} × import click",
        )
        for name, taken in seconds.items()
    ]


def make_project(project: Path, roar: str) -> None:
    """A project of `JOBS` jobs, each of which reads what the one before it wrote."""
    subprocess.run([roar, "init", "-n"], cwd=project, check=True, stdout=subprocess.DEVNULL)
    (project / "0").write_text("first\n")
    for number in range(JOBS):
        script = f"cat {number} > {number + 1}; echo {number} >> {number + 1}"
        subprocess.run([roar, "run", "-q", "sh", "-c", script], cwd=project, check=True)


if __name__ == "__main__":
    sys.exit(main())
