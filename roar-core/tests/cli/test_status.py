"""`roar status`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recorded_project import RecordedProject


def test_where_the_project_stands(roar: Any, pipeline: RecordedProject) -> None:
    status = json.loads(roar("status", "--json").stdout)
    assert (status["jobs"], status["steps"]) == (4, 3)
    assert status["last"]["uid"] == "00000004"
    assert [(node["step"], node["job"]) for node in status["stale"]] == [("@3", "00000003")]
    assert (status["digests_pending"], status["running"], status["waiting"], status["git"]) == (0, 0, 0, None)


def test_in_words(roar: Any, pipeline: RecordedProject) -> None:
    text = roar("status").stdout
    assert "4 jobs, 3 steps" in text
    assert "@3  model.pt: @2 left other content there" in text


def test_dirty_tree(roar: Any, recorded: RecordedProject) -> None:
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=recorded.root, check=True)
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "first"],
        cwd=recorded.root,
        check=True,
    )
    recorded.run("true")
    assert "main" in roar("status").stdout
    recorded.write("new.py", "x")
    subprocess.run(["git", "add", "new.py"], cwd=recorded.root, check=True)
    assert json.loads(roar("status", "--json").stdout)["git"]["dirty"] is True


def test_nothing_recorded(roar: Any, project: Path) -> None:
    assert "no jobs yet" in roar("status").stdout
    assert json.loads(roar("status", "--json").stdout)["session"] is None
