"""Whose state at the end a report tells: of inputs that others change while the job runs, and of those that stay."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from installed_tracers import each_tracer, need_tracer


def lines_of(tracer: str, folder: Path, *options: str) -> dict[str, dict[str, Any]]:
    """Observes a job whose input is changed by this process after it was read; its file lines by name."""
    for name in ("changed", "same"):
        (folder / name).write_text("as it was\n")
    os.mkfifo(folder / "go")
    words = [
        sys.executable,
        "-m",
        "roar_core",
        "trace",
        "--tracer",
        tracer,
        *options,
        "--report",
        "report",
        "--",
    ]
    job = subprocess.Popen([*words, "sh", "-c", "cat changed same > copy; read word < go"], cwd=folder)
    with open(folder / "go", "w") as go:  # opens when the job has come so far
        (folder / "changed").write_text("as it is now\n")
        go.write("go\n")
    assert job.wait() == 0
    lines = map(json.loads, (folder / "report").read_text().splitlines())
    return {Path(line["path"]).name: line for line in lines if line["type"] == "file"}


@each_tracer
def test_inputs_are_looked_at_once_more_when_that_is_asked_for(tracer: str, tmp_path: Path) -> None:
    lines = lines_of(need_tracer(tracer), tmp_path, "--after", "all")
    assert lines["same"]["unchanged"] is True
    assert lines["changed"]["after"] not in (None, lines["changed"]["before"])
    assert lines["copy"]["after"]["size"] == 20


@each_tracer
@pytest.mark.parametrize("options", [(), ("--after", "written")])
def test_inputs_are_left_alone_by_default(tracer: str, options: tuple[str, ...], tmp_path: Path) -> None:
    lines = lines_of(need_tracer(tracer), tmp_path, *options)
    for name in ("same", "changed"):
        assert lines[name]["read"]
        assert not {"after", "unchanged", "fate"} & set(lines[name])
    assert lines["copy"]["after"]["size"] == 20
