"""Runs the tracers that are installed in /opt/site of a root filesystem on its own programs, and checks what they say.

    check_other_debian.py ROOT

To be run with the filesystem's /proc mounted; uses nothing but the standard library. The exit status is 1 where
something was wrong, or where no tracer could be tried.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

JOB = """
cat in > by-cat
perl -pe 's/x/y/' in > by-perl
tar -cf by-tar in
python3 -c 'open("by-python", "w").write(open("in").read())'
cp in to-rename && mv to-rename renamed
"""
WRITTEN = {"by-cat", "by-perl", "by-tar", "by-python", "renamed"}


class Root:
    """A root filesystem with something installed in /opt/site, and a folder /opt/job for what is tried."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.job = folder / "opt/job"

    def call(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Runs a command in it, in the folder of the job."""
        words = ["env", "-i", "HOME=/root", "LANG=C.UTF-8", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
        words += ["PYTHONPATH=/opt/site", "sh", "-c", 'cd /opt/job && exec "$@"', "sh", *command]
        return subprocess.run(
            ["chroot", str(self.folder), *words], capture_output=True, text=True, check=False
        )

    def clear(self) -> None:
        """Leaves the input alone in the folder of the job."""
        shutil.rmtree(self.job)
        self.job.mkdir()
        (self.job / "in").write_text("xx\n" * 50)


def main() -> int:
    """The exit status."""
    root = Root(Path(sys.argv[1]))
    programs = sorted((root.folder / "opt/site/bin").glob("roar-tracer-*"))
    usable = []
    for program in programs:
        root.clear()
        inside = f"/opt/site/bin/{program.name}"
        answer = json.loads(root.call(inside, "--probe").stdout)
        if not answer["usable"]:
            print(f"left out  {program.name}: {answer['reason']}")
            continue
        problems = check_report(root, inside)
        usable.append((program.name.rpartition("-")[2], problems))
        print(f"{'FAILED' if problems else 'ok':9} {program.name}: {'; '.join(problems) or 'report'}")
    if (root.folder / "opt/site/roar_core").exists():
        for tracer, problems in usable:
            root.clear()
            found = check_run(root, tracer)
            problems += found
            print(
                f"{'FAILED' if found else 'ok':9} roar run --tracer {tracer}: {'; '.join(found) or 'record'}"
            )
    return int(not usable or any(problems for _, problems in usable))


def check_report(root: Root, program: str) -> list[str]:
    """What is wrong with the report of the tracer's program alone."""
    done = root.call(program, "--report", "/opt/job/report", "--", "sh", "-ec", JOB)
    if done.returncode or done.stderr:
        return [f"status {done.returncode}: {done.stderr.strip()[-300:]}"]
    lines: list[dict[str, Any]] = [
        json.loads(line) for line in (root.job / "report").read_text().splitlines()
    ]
    files = {Path(line["path"]).name: line for line in lines if line["type"] == "file" and "path" in line}
    written = {name for name, line in files.items() if line["written"] and line["fate"] == "present"}
    problems = []
    if written != WRITTEN:
        problems.append(f"written: {sorted(written ^ WRITTEN)} differ")
    if not files.get("in", {}).get("read"):
        problems.append("in was not read")
    if lines[-1]["type"] != "end" or lines[-1]["lost_events"]:
        problems.append(f"end: {lines[-1]}")
    return problems


def check_run(root: Root, tracer: str) -> list[str]:
    """What is wrong with the record of `roar run`."""
    roar = ("python3", "-m", "roar_core")
    for arguments in (("init", "-n"), ("run", "-q", "--tracer", tracer, "sh", "-ec", JOB)):
        done = root.call(*roar, *arguments)
        if done.returncode or done.stderr:
            return [f"roar {arguments[0]}: status {done.returncode}: {done.stderr.strip()[-300:]}"]
    shown = root.call(*roar, "show", "@1", "--json")
    job = json.loads(shown.stdout)
    written = {edge["path"] for edge in job["outputs"] if edge["digest"]}
    read = {edge["path"] for edge in job["inputs"] if edge["digest"]}
    problems = [] if written == WRITTEN else [f"outputs: {sorted(written ^ WRITTEN)} differ"]
    return problems + ([] if read == {"in"} else [f"inputs: {sorted(read)}"])


if __name__ == "__main__":
    sys.exit(main())
