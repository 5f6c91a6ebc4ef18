"""Projects with recorded runs for the commands that read."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "lineage"))

from recorded_project import RecordedProject  # its folder has just been put on the path

LONG = "x" * 100


@pytest.fixture
def recorded(project: Path) -> RecordedProject:
    """An empty project to record in; `roar` runs in it."""
    return RecordedProject(project)


@pytest.fixture
def pipeline(recorded: RecordedProject) -> RecordedProject:
    """prep → train → eval, with train run again so that eval is stale."""
    for name in ("raw.csv", "prep.py", "train.py"):
        recorded.write(name, LONG + name)
    recorded.run("python", "prep.py", reads=["raw.csv"], code=["prep.py"], writes={"data/d.csv": LONG + "d"})
    recorded.run(
        "python",
        "train.py",
        "--lr=1",
        reads=["data/d.csv"],
        code=["train.py"],
        writes={"model.pt": LONG + "1"},
    )
    recorded.run("python", "eval.py", reads=["model.pt"], writes={"score.txt": "0.9"})
    recorded.run(
        "python",
        "train.py",
        "--lr=2",
        reads=["data/d.csv"],
        code=["train.py"],
        writes={"model.pt": LONG + "2"},
    )
    return recorded
