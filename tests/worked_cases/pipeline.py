"""A project in an empty folder, in which the tests run real commands under `roar run`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROAR = [sys.executable, "-m", "roar_core"]
LARGE = "x" * 100 + "\n"  # contents of 64 bytes and more can be recognised as copies


class Pipeline:
    """One project and the commands that are typed in it."""

    def __init__(self, root: Path, tracer: str) -> None:
        self.root = root
        self.environment = {**os.environ, "ROAR_TRACER__DEFAULT": tracer, "NO_COLOR": "1"}
        self.roar("init", "-n")

    def roar(
        self, *arguments: str, status: int | None = 0, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Runs roar and returns what it printed; `status` None: any exit status will do."""
        done = subprocess.run(
            [*ROAR, *arguments],
            cwd=cwd or self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        if status is not None:
            assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def run(self, *command: str, status: int = 0, cwd: Path | None = None) -> None:
        self.roar("run", "-q", *command, status=status, cwd=cwd)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Starts a recorded command and does not wait for it."""
        return subprocess.Popen([*ROAR, "run", "-q", *command], cwd=self.root, env=self.environment)

    def shell(self, script: str, status: int = 0) -> None:
        """Runs a recorded `sh -c`."""
        self.run("sh", "-c", script, status=status)

    def outside(self, script: str) -> None:
        """Does something that roar does not see."""
        subprocess.run(["sh", "-ec", script], cwd=self.root, check=True)

    def write(self, name: str, text: str, executable: bool = False) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if executable:
            path.chmod(0o755)

    def script(self, name: str, body: str) -> None:
        """Makes a shell script that can be run as `./name`."""
        self.write(name, "#!/bin/sh\nset -e\n" + body + "\n", executable=True)

    def json(self, *arguments: str) -> Any:
        return json.loads(self.roar(*arguments, "--json").stdout)

    def log(self) -> list[dict[str, Any]]:
        """All jobs, oldest first."""
        return list(reversed(self.json("log", "--all")))

    def job(self, reference: str) -> dict[str, Any]:
        job: dict[str, Any] = self.json("show", reference)
        return job

    def last(self) -> dict[str, Any]:
        """The newest job, whole."""
        return self.job(self.log()[-1]["uid"])

    def dag(self, *options: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.json("dag", *options)
        return answer

    def states(self) -> dict[str, str]:
        """State by step, of all that can be shown."""
        return {step["step"]: step["state"] for step in self.dag("--expanded")["steps"]}


def edges(job: dict[str, Any], side: str) -> dict[str, dict[str, Any]]:
    """The edges of a job by path."""
    return {edge["path"]: edge for edge in job[side]}
