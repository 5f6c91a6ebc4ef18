#!/usr/bin/env python3
"""Makes docs/benchmarks.md from the figures in benchmarks/results/; `--check` only says whether it is up to date."""

from __future__ import annotations

import json
import math
import sys
from typing import Any

from measuring import REPOSITORY

RESULTS = REPOSITORY / "benchmarks" / "results"
PAGE = REPOSITORY / "docs" / "benchmarks.md"

INTRODUCTION = """# Benchmarks

Made by `python benchmarks/make_docs.py` from the figures in `benchmarks/results/`; each section names the command that
measured it, the commit and the machine. Ratios carry over from one machine to another, seconds do not.
"""

OVERHEAD = """\
Each workload runs bare and observed in pairs, in an order by chance; a figure is the median over the pairs.
`trace-T` is the tracer's program alone, as a ratio to the bare command. `run-T` is `roar run`, digests and record
included, as seconds added. `limit-…` are minimal tracers that record opens and little else
(`benchmarks/programs/minimal_*`): the floor on this machine. A goal is raised to 1.35 times the floor's overhead
where the floor of the machine is higher than the goal."""
STARTUP = "In a project of 100 jobs. The goal is 0.20 s where `python -c 'import click'` takes 0.06 s."
DIGESTS = (
    "One large file beside `b3sum`, 10,000 small files beside `xargs cat`; the page cache is warm for both."
)
MANY_FILES = "One job that reads and writes many small files, no digest known beforehand."
MILLION_FILES = "One job that reads a million small files, no digest known beforehand."
LARGE_SESSION = """\
A session of 10,000 jobs and 1,000,000 artifacts, made through the store: a hundred pipelines of a hundred stages, each
of which reads ten of the hundred files that the one before it left."""

# By the name of the file in benchmarks/results/: title, introduction, the command that measured it.
SECTIONS = {
    "overhead": ("What observing costs", OVERHEAD, "overhead.py --what trace,run --check"),
    "startup": ("Short commands", STARTUP, "startup.py --check"),
    "digests": ("Digests", DIGESTS, "digests.py --check"),
    "many_files": ("Many files", MANY_FILES, "many_files.py --check"),
    "million_files": (
        "A million inputs",
        MILLION_FILES,
        "many_files.py --inputs 1000000 --outputs 0 --repeats 1 --check",
    ),
    "large_session": ("A large session", LARGE_SESSION, "large_session.py --check"),
}


def main() -> int:
    """The exit status: 1 with --check where the page is not what the figures say."""
    text = make_page()
    if "--check" in sys.argv[1:]:
        return int(not PAGE.exists() or PAGE.read_text() != text)
    PAGE.write_text(text)
    return 0


def make_page() -> str:
    """The page as Markdown."""
    parts = [INTRODUCTION]
    for name, (title, introduction, command) in SECTIONS.items():
        file = RESULTS / f"{name}.json"
        if file.exists():
            command = f"{command} --json benchmarks/results/{name}.json"
            parts.append(_section(title, introduction, command, json.loads(file.read_text())))
    return "\n".join(parts)


def _section(title: str, introduction: str, command: str, kept: dict[str, Any]) -> str:
    machine = kept["machine"]
    where = (
        f"Commit `{kept['commit']}`, {kept['measured_at'][:10]}; {machine['cpu']}, {machine['cores']} cores,"
        f" {machine['memory_gib']:.0f} GiB, Linux {machine['kernel']}, Python {machine['python']}."
    )
    rows = [_row(figure) for figure in kept["figures"]]
    return "\n".join(
        [
            f"## {title}\n",
            f"{introduction}\n",
            f"    python benchmarks/{command}\n",
            f"{where}\n",
            "| | | | goal | |",
            "|---|---:|---|---:|---|",
            *rows,
            "",
        ]
    )


def _row(figure: dict[str, Any]) -> str:
    value, goal = figure["value"], figure["goal"]
    shown = "failed" if math.isinf(value) else f"{value:.3f}" if value < 10 else f"{value:.1f}"
    against = "" if goal is None else f"{goal:g}" if value <= goal else f"**{goal:g}, not met**"
    return f"| {figure['name']} | {shown} | {figure['unit']} | {against} | {figure['note']} |"


if __name__ == "__main__":
    sys.exit(main())
