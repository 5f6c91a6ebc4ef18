#!/usr/bin/env python3
"""Mixed jobs for half an hour, shared by the tracers that work here, while memory, descriptors, shared memory and what
roar leaves are watched; the exit status is 1 where something grew, was left, or ended as it should not.

  soak.py [--minutes 30] [--tracers NAME,NAME] [--log build/soak.jsonl]

The minutes are shared by the tracers. One long job runs all the time of a tracer; its processes are the ones that
must not grow. The log has a line for each sample, and what was found as its last ones.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from mixed_jobs import LONG, PYTHON, SHORT
from sampling import (
    Leftovers,
    ProcessSample,
    adopt_orphans,
    find_leftovers,
    growth,
    processes_below,
    sample_process,
)

REPOSITORY = Path(__file__).resolve().parents[2]
ROAR = [PYTHON, "-m", "roar_core"]
SAMPLE_SECONDS, SETTLE_SECONDS = 1.0, 30.0


def main() -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--tracers", help="instead of all that work here")
    parser.add_argument("--log", type=Path, default=REPOSITORY / "build" / "soak.jsonl")
    options = parser.parse_args()
    tracers = options.tracers.split(",") if options.tracers else find_tracers()
    if not tracers:
        sys.exit("no tracer works here: roar tracer status")
    options.log.parent.mkdir(parents=True, exist_ok=True)
    adopt_orphans()
    problems = []
    with open(options.log, "w") as log:
        for tracer in tracers:
            with tempfile.TemporaryDirectory(prefix="roar-soak-") as folder:
                soak = Soak(Path(folder), tracer, log)
                found = soak.run(options.minutes * 60 / len(tracers))
            for line in [soak.summary(), *(f"  {problem}" for problem in found)]:
                print(line, flush=True)
                log.write(json.dumps({"tracer": tracer, "found": line}) + "\n")
            problems += found
    print(f"{len(tracers)} tracers, {len(problems)} problems; log: {options.log}")
    return int(bool(problems))


def find_tracers() -> list[str]:
    """The tracers that work here; the others are named with why."""
    told = json.loads(subprocess.check_output([*ROAR, "tracer", "status", "--json"]))
    for row in told:
        if not row["usable"]:
            print(f"left out: {row['name']}: {row['reason']}")
    return [row["name"] for row in told if row["usable"]]


class Soak:
    """One project under one tracer."""

    def __init__(self, folder: Path, tracer: str, log: TextIO) -> None:
        self.root, self.temporary = folder / "project", folder / "temporary"
        self.tracer, self.log = tracer, log
        for path in (self.root, self.temporary):
            path.mkdir()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ROAR_")}
        folders = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CACHE", "STATE", "CONFIG")}
        self.environment = {**kept, **folders, "TMPDIR": str(self.temporary), "ROAR_TRACER__DEFAULT": tracer}
        self.samples: dict[int, list[ProcessSample]] = {}
        self.problems: list[str] = []
        self.started = time.monotonic()
        self.expected: Counter[str] = Counter()  # by the last word of the command
        self.short_runs = 0

    def run(self, seconds: float) -> list[str]:
        """Runs the jobs for so long and returns what was wrong."""
        (self.root / "in").write_text("the quick brown fox\n" * 500)
        (self.root / "long.py").write_text(LONG)
        self.roar("init", "-n")
        before = find_leftovers(self.temporary)
        end = self.started + seconds
        long = subprocess.Popen([*ROAR, "run", "-q", PYTHON, "long.py"], **self.options())
        next_sample = 0.0
        while time.monotonic() < end:
            for name in SHORT:
                self.run_short(name)
                if time.monotonic() >= next_sample:
                    next_sample = time.monotonic() + SAMPLE_SECONDS
                    self.sample(long.pid)
            if long.poll() is not None:
                self.problems.append(f"the long job ended by itself, with {long.returncode}")
                break
        (self.root / "stop").touch()
        self.expected["long.py"] += 1
        if long.wait(60) != 0:
            self.problems.append(f"the long job ended with {long.returncode}")
        for samples in self.samples.values():
            self.problems += growth(samples)
        self.check_leftovers(before)
        self.check_records()
        return self.problems

    def run_short(self, name: str) -> None:
        """Runs one short job, which must end as it would without roar."""
        job = SHORT[name]
        command = ["sh", "-c", job.script] if job.script else ["no-such-command"]
        status = self.roar("run", "-q", *command).returncode
        self.short_runs += 1
        self.expected.update(filter(None, (job.script, job.inner)))
        if status != job.status:
            self.problems.append(f"{name}: ended with {status}, not {job.status}")

    def sample(self, long: int) -> None:
        """Looks at the processes of the long job."""
        for pid in processes_below([long]):
            sample = sample_process(pid)
            if sample is not None:
                self.samples.setdefault(pid, []).append(sample)
                seconds = round(time.monotonic() - self.started, 1)
                self.log.write(
                    json.dumps({"tracer": self.tracer, "seconds": seconds, **asdict(sample)}) + "\n"
                )

    def check_leftovers(self, before: Leftovers) -> None:
        """What the last jobs have left may take a moment to go."""
        deadline = time.monotonic() + SETTLE_SECONDS
        nothing = Leftovers(*[frozenset()] * 3)
        while (
            left := find_leftovers(self.temporary).apart_from(before)
        ) != nothing and time.monotonic() < deadline:
            time.sleep(0.5)
        for kind, names in asdict(left).items():
            if names:
                self.problems.append(f"left: {kind.replace('_', ' ')}: {', '.join(sorted(names))}")

    def check_records(self) -> None:
        """Every run is recorded once, and nothing waits."""
        jobs = json.loads(self.roar("log", "--all", "--json").stdout)
        recorded = Counter(job["command"][-1] for job in jobs)
        for word in recorded.keys() | self.expected.keys():
            if recorded[word] != self.expected[word]:
                made = self.expected[word]
                self.problems.append(f"`{word}`: {made} runs were made, {recorded[word]} are recorded")
        waiting = os.listdir(self.root / ".roar/spool")
        if waiting:
            self.problems.append(f"still in the spool: {waiting}")

    def roar(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs roar in the project."""
        return subprocess.run(
            [*ROAR, *arguments], capture_output=True, text=True, timeout=120, **self.options()
        )

    def options(self) -> dict[str, Any]:
        """How all processes are started."""
        return {"cwd": self.root, "env": self.environment, "stdin": subprocess.DEVNULL}

    def summary(self) -> str:
        """One line about the time under this tracer."""
        minutes = (time.monotonic() - self.started) / 60
        held = [
            f"{samples[0].name} {max(s.resident_bytes for s in samples) >> 20} MiB, "
            f"{max(s.descriptors for s in samples)} descriptors"
            for samples in self.samples.values()
        ]
        count = max(map(len, self.samples.values()), default=0)
        state = "FAILED" if self.problems else "ok"
        runs = f"{self.short_runs} short runs in {minutes:.1f} min, {count} samples"
        return f"{state} {self.tracer}: {runs}; {'; '.join(held)}"


if __name__ == "__main__":
    sys.exit(main())
