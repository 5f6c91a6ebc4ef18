"""`roar log`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recorded_project import RecordedProject

JOB_KEYS = {
    *(
        "uid",
        "kind",
        "step",
        "name",
        "command",
        "cwd",
        "started_at",
        "ended_at",
        "status",
        "exit_code",
        "signal",
    ),
    *("tracer", "complete", "gaps", "git", "environment", "packages", "hardware"),
}


def test_newest_first_with_counts(roar: Any, pipeline: RecordedProject) -> None:
    lines = roar("log").stdout.splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["@2", "00000004", "ok"],
        ["@3", "00000003", "ok"],
        ["@2", "00000002", "ok"],
        ["@1", "00000001", "ok"],
    ]
    assert "1→1" in lines[0]
    assert lines[0].endswith("python train.py --lr=2")


def test_limit(roar: Any, pipeline: RecordedProject) -> None:
    assert len(roar("log", "-n", "2").stdout.splitlines()) == 2
    assert len(json.loads(roar("log", "-n", "1", "--json").stdout)) == 1


def test_json_has_the_keys_of_a_job_and_no_edges(roar: Any, pipeline: RecordedProject) -> None:
    job = json.loads(roar("log", "--json").stdout)[0]
    assert job["session"] == json.loads(roar("show", "--json").stdout)["session"]
    assert job.keys() >= JOB_KEYS
    assert not {"inputs", "outputs", "code"} & job.keys()
    assert (job["step"], job["command"], job["complete"]) == ("@2", ["python", "train.py", "--lr=2"], True)
    assert job["started_at"].endswith("Z")


def test_how_jobs_ended(roar: Any, recorded: RecordedProject) -> None:
    recorded.run("false", exit_code=3)
    assert roar("log").stdout.split()[2:4] == ["exit", "3"]


def test_lines_fit_a_narrow_terminal(roar: Any, recorded: RecordedProject) -> None:
    recorded.run("echo", "a long word " * 30)
    (line,) = roar("log", env={"COLUMNS": "80"}).stdout.splitlines()
    assert len(line) <= 80
    assert line.endswith("…")


def test_nothing_recorded(roar: Any, project: Path) -> None:
    assert "roar run" in roar("log").stdout
    assert json.loads(roar("log", "--json").stdout) == []


def test_outside_a_project(roar: Any) -> None:
    done = roar("log", status=2)
    assert "roar init" in done.stderr
