"""Killing roar, its tracer and its job at every n-th system call, and looking at what is left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROAR = [sys.executable, "-m", "roar_core"]
JOB = "echo started > started; cat in > out; echo finished > finished"
POINTS = int(os.environ.get("ROAR_FAULT_POINTS", "24"))  # how many points are tried; all.sh of docs tries hundreds


class Scene:
    """A project in which a run is killed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = {**os.environ, "ROAR_TRACER__DEFAULT": "ptrace", "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        (root / "in").write_text("x" * 100)
        self.roar("init", "-n", check=True)

    def roar(self, *arguments: str, check: bool = False) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*ROAR, *arguments], cwd=self.root, env=self.environment, capture_output=True, text=True, timeout=60, check=check
        )

    def log(self) -> list[dict[str, Any]]:
        done = self.roar("log", "--all", "--json")
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        jobs: list[dict[str, Any]] = json.loads(done.stdout)
        return jobs

    def happened(self, name: str) -> bool:
        return (self.root / name).exists()

    def settle(self) -> list[dict[str, Any]]:
        """Returns the log once nobody is at work on this run any more, and the run that was started is there."""
        deadline = time.monotonic() + 20
        while True:
            jobs = self.log()
            if jobs or not self.happened("started") or time.monotonic() > deadline:
                return jobs
            time.sleep(0.1)

    def check_database(self) -> None:
        import sqlite3

        connection = sqlite3.connect(self.root / ".roar/roar.db")
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM job WHERE NOT visible").fetchone() == (0,)
        connection.close()
