"""All tracers say the same of a job, file by file; and each says the same twice, so that nothing differs by chance."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from installed_tracers import usable_tracers
from jobs import GIT, JOBS, Job, config
from reports import LOST_BY_GAP, comparable, digests_of, gap_kinds, read_report

pytestmark = pytest.mark.slow
ROAR = [sys.executable, "-m", "roar_core"]
LONG_AGO = 1_600_000_000
DECLARED_GAPS: Mapping[
    str, frozenset[str]
] = {}  # by tracer: what it may say that it does not see of these jobs
# By tracer: what it says of programs alone (docs/report-format.md, `names`).
NOT_SAID: Mapping[str, tuple[str, ...]] = {"ebpf": ("names",)}


class Bench:
    """One folder, laid out anew for each run of the job, since paths are compared."""

    def __init__(self, place: Path, job: Job) -> None:
        self.place = place
        self.folder = place / "job"
        self.job = job
        self.by_chance: set[str] = set()  # files that the job leaves with other bytes each time

    def warm_up(self) -> None:
        """Runs the job twice as it is: what the first run compiles or caches is there for all that follow."""
        left = []
        for _ in range(2):
            self.lay_out()
            self.run()
            left.append(digests_of(self.folder))
        one, other = left
        self.by_chance = {path for path in one.keys() | other.keys() if one.get(path) != other.get(path)}

    def lay_out(self) -> None:
        """Makes the folder anew."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.job.lay_out(self.folder)
        for path in self.folder.rglob("*"):  # compiled modules hold the time of their source
            os.utime(path, (LONG_AGO, LONG_AGO), follow_symlinks=False)

    def run(self, *words: str) -> None:
        """Runs the job by these words."""
        self.call(*words, "sh", "-ec", self.job.script)

    def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs a command in the folder, with nothing of the tester's settings."""
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "PYTHONPATH")}
        (self.place / "temporary").mkdir(exist_ok=True)
        set_here = {"HOME": str(self.place), "TMPDIR": str(self.place / "temporary"), "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            words,
            cwd=self.folder,
            env={**kept, **GIT, **config(self.folder), **set_here},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done

    def trace(self, tracer: str) -> list[dict[str, Any]]:
        """The report of the job under a tracer."""
        report = self.place / f"{tracer}.jsonl"
        self.lay_out()
        self.run(*ROAR, "trace", "--tracer", tracer, "--after", "all", "--report", str(report), "--")
        return read_report(report)

    def record(self, tracer: str) -> dict[str, Any]:
        """What `roar run` keeps of the job under a tracer: paths and digests of inputs and outputs."""
        self.lay_out()
        self.call(*ROAR, "init", "-n")
        self.run(*ROAR, "run", "-q", "--tracer", tracer)
        shown: dict[str, Any] = json.loads(self.call(*ROAR, "show", "@1", "--json").stdout)
        lost = {gap["kind"] for gap in shown["gaps"]} & LOST_BY_GAP.keys()
        if lost:  # what is unknown is said to be
            shown["inputs"] = [edge for edge in shown["inputs"] if edge["digest"]]
        return {side: self._digests(shown[side]) for side in ("inputs", "outputs", "code")} | {
            "lost": bool(lost),
            "status": shown["status"],
            "packages": sorted(package["name"] for package in shown["packages"]),
        }

    def _digests(self, edges: list[dict[str, Any]]) -> dict[str, object]:
        """What the edges say, without the digests of files that are other ones each time."""
        return {
            edge["path"]: (
                None if str(self.folder / edge["path"]) in self.by_chance else edge["digest"],
                edge["reason"],
                edge.get("created"),
            )
            for edge in edges
        }


@pytest.fixture(params=JOBS)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    job = JOBS[request.param]
    for need in job.needs:
        if need.startswith("import "):
            found = not subprocess.run([sys.executable, "-c", need], capture_output=True).returncode
            hint = f"pip install {need.partition(' ')[2]}"
        else:
            found, hint = shutil.which(need) is not None, f"apt-get install {need}"
        if not found:
            pytest.skip(f"this job needs {need}: {hint}")
    if not usable_tracers():
        pytest.skip("no tracer works here: roar tracer says why")
    made = Bench(tmp_path, job)
    made.warm_up()
    return made


def compared_tracers() -> tuple[str, ...]:
    """All that work here, the one with the lowest priority first, since it stops calls; where that is one, it twice."""
    usable = usable_tracers()[::-1]
    return usable if len(usable) > 1 else usable * 2


def differences(
    one: Mapping[str, Any], other: Mapping[str, Any], paths: Iterable[str] | None = None
) -> dict[str, str]:
    """What two mappings say differently of these paths, or of all, in words.

    A field that only one of two files has is not compared.
    """
    found: dict[str, str] = {}
    for path in sorted({*one, *other} if paths is None else paths):
        mine, theirs = one.get(path), other.get(path)
        if isinstance(mine, dict) and isinstance(theirs, dict):
            different = [key for key in mine.keys() & theirs.keys() if mine[key] != theirs[key]]
            if different:
                found[path] = ", ".join(f"{key}: {mine[key]} or {theirs[key]}" for key in sorted(different))
        elif mine != theirs:
            found[path] = f"{mine} or {theirs}"
    return found


def test_reports_say_the_same_of_every_file(bench: Bench) -> None:
    first, *others = compared_tracers()
    lines = bench.trace(first)
    reference = comparable(lines, bench.folder)
    assert any(said["written"] for said in reference.values())
    problems = undeclared_gaps(first, lines)
    for tracer in others:
        lines = bench.trace(tracer)
        problems += undeclared_gaps(tracer, lines)
        files = comparable(lines, bench.folder)
        for said in files.values():
            for field in NOT_SAID.get(tracer, ()):
                said.pop(field, None)
        found = differences(reference, files)
        problems += [f"{first} or {tracer}: {path}: {text}" for path, text in found.items()]
    assert not problems, "\n".join(problems)


def undeclared_gaps(tracer: str, lines: list[dict[str, Any]]) -> list[str]:
    kinds = gap_kinds(lines) - DECLARED_GAPS.get(tracer, frozenset())
    return [f"{tracer}: gap {kind}" for kind in sorted(kinds)]


def test_records_have_the_same_digests(bench: Bench) -> None:
    first, *others = compared_tracers()
    reference = bench.record(first)
    assert reference["outputs"]
    problems = []
    for tracer in others:
        found = bench.record(tracer)
        for side, said in reference.items():
            if isinstance(said, dict):
                known = said.keys() & found[side].keys() if found["lost"] and side == "inputs" else None
                different = differences(said, found[side], known)
                problems += [f"{first} or {tracer}: {side}: {p}: {text}" for p, text in different.items()]
            elif said != found[side] and side != "lost":
                problems.append(f"{first} or {tracer}: {side}: {said} or {found[side]}")
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("bench", ["shell"], indirect=True)
@pytest.mark.parametrize("key", ["read", "written", "created", "write_kind", "fate", "before_digest"])
def test_report_that_says_something_else_differs(bench: Bench, key: str) -> None:
    """Whatever is changed in a report is found."""
    lines = bench.trace(usable_tracers()[0])
    reference = comparable(lines, bench.folder)
    path = str(bench.folder / "text")
    (line,) = [line for line in lines if line.get("path") == path]
    line[key] = not line.get(key)
    assert list(differences(reference, comparable(lines, bench.folder))) == [path]
    lines.remove(line)
    assert list(differences(reference, comparable(lines, bench.folder))) == [path]
