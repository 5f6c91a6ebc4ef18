"""A project, and ways to run one command bare and under `roar run` in it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROAR = [sys.executable, "-m", "roar_core"]


class Place:
    """A project folder with its environment."""

    def __init__(self, root: Path, tracer: str) -> None:
        self.root = root
        self.tracer = tracer
        self.environment = {**os.environ, "ROAR_TRACER__DEFAULT": tracer, "NO_COLOR": "1"}

    def roar(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        return self.bare(*ROAR, *arguments, **options)

    def bare(self, *command: str, **options: Any) -> subprocess.CompletedProcess[str]:
        usual = {
            "cwd": self.root,
            "env": self.environment,
            "capture_output": True,
            "text": True,
            "timeout": 60,
        }
        return subprocess.run(command, **{**usual, **options})

    def observed_bytes(self, *command: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
        """Runs a command observed, with its output as bytes."""
        usual = {"cwd": self.root, "env": self.environment, "capture_output": True, "timeout": 60}
        return subprocess.run([*ROAR, "run", "-q", *command], **{**usual, **options})

    def observed(self, *command: str, **options: Any) -> subprocess.CompletedProcess[str]:
        return self.roar("run", "-q", *command, **options)

    def start(self, *command: str, **options: Any) -> subprocess.Popen[str]:
        options = {"cwd": self.root, "env": self.environment, "text": True, **options}
        return subprocess.Popen([*ROAR, "run", "-q", *command], **options)

    def script(self, name: str, body: str) -> str:
        path = self.root / name
        path.write_text("#!/bin/sh\n" + body + "\n")
        path.chmod(0o755)
        return f"./{name}"


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Waits for something that another process does; fails when it has not come about in `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not come about"
        time.sleep(0.01)
