#!/usr/bin/env python3
"""How long the short commands take in a project of 100 jobs, beside `python -c "import click"`.

The goal is 0.20 s on a machine where that import takes 0.06 s, and is scaled by what it takes here. `auto` may cost
10 ms more than the tracer that it chooses.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from measuring import PYTHON, Figure, find_roar, report, run_once

GOAL_SECONDS, REFERENCE_SECONDS = 0.20, 0.06
AUTO_GOAL_SECONDS = 0.010
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
    named = f"roar run --tracer {choose_tracer(project, roar)} true"
    commands[named] = [roar, *named.split()[1:-1], "-q", "true"]
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for name, command in commands.items():
        if run_once(command, project).status != 0:
            sys.exit(f"failed: {name}")
    for _ in range(repeats):
        for name, command in commands.items():
            seconds[name].append(run_once(command, project).seconds)
    reference = statistics.median(seconds["import click"])
    goal = round(GOAL_SECONDS * max(reference / REFERENCE_SECONDS, 0.5), 3)
    above = [auto - chosen for auto, chosen in zip(seconds["roar run true"], seconds[named], strict=True)]
    figures = [
        Figure(
            name,
            statistics.median(taken),
            "s",
            goal if name.startswith("roar") else None,
            f"{statistics.median(taken) / reference:.1f} × import click",
        )
        for name, taken in seconds.items()
    ]
    return [
        *figures,
        Figure("auto above the tracer it chose", statistics.median(above), "s", AUTO_GOAL_SECONDS),
    ]


def choose_tracer(project: Path, roar: str) -> str:
    """The name of the tracer that `auto` takes here."""
    told = subprocess.check_output([roar, "tracer", "status", "--json"], cwd=project)
    chosen = [row["name"] for row in json.loads(told) if row["chosen"]]
    return str(chosen[0]) if chosen else sys.exit("no tracer works here: roar tracer status")


def make_project(project: Path, roar: str) -> None:
    """A project of `JOBS` jobs, each of which reads what the one before it wrote."""
    subprocess.run([roar, "init", "-n"], cwd=project, check=True, stdout=subprocess.DEVNULL)
    (project / "0").write_text("first\n")
    for number in range(JOBS):
        script = f"cat {number} > {number + 1}; echo {number} >> {number + 1}"
        subprocess.run([roar, "run", "-q", "sh", "-c", script], cwd=project, check=True)


if __name__ == "__main__":
    sys.exit(main())
