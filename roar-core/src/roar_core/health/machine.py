"""The machine: Python, git, the clock."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time

from roar_core.health.finding import Finding, ok, problem, warning

OLDEST_PYTHON = (3, 10)
GIT_SECONDS = 20
SKEW_SECONDS = 2.0


def check_python() -> Finding:
    """Returns whether this interpreter can run roar."""
    version = f"{platform.python_version()} ({sys.executable})"
    if sys.version_info < OLDEST_PYTHON:
        return problem("python", version, f"install Python {'.'.join(map(str, OLDEST_PYTHON))} or newer")
    if sys.flags.optimize:
        return warning("python", f"{version} runs without assertions", "unset PYTHONOPTIMIZE")
    return ok("python", version)


def check_git() -> Finding:
    """Returns whether git can be asked for the state of a repository."""
    try:
        asked = subprocess.run(["git", "--version"], capture_output=True, text=True, timeout=GIT_SECONDS)
    except FileNotFoundError:
        return warning("git", "there is no git: no commit is recorded", "apt-get install git")
    except (OSError, subprocess.TimeoutExpired) as error:
        return problem("git", f"git does not work: {error}", "git --version")
    if asked.returncode:
        return problem("git", f"git ends with {asked.returncode}", "git --version")
    return ok("git", asked.stdout.strip().removeprefix("git version "))


def check_clock(folder: str) -> Finding:
    """Returns whether the clock can order runs: it is set, and the file system at `folder` has the same time."""
    now = time.time()
    if now < os.stat(__file__).st_mtime - 86400:
        return problem(
            "clock",
            f"it is set to the past: {time.strftime('%F %T', time.gmtime(now))}Z",
            "set the clock: date -s …",
        )
    try:
        skew_seconds = _skew_seconds(folder)
    except OSError:
        return ok("clock", f"{time.strftime('%F %T', time.gmtime(now))}Z")
    if abs(skew_seconds) > SKEW_SECONDS:
        text = f"the file system is {skew_seconds:+.0f} s away from this machine's clock"
        return warning("clock", text, "synchronise both: chronyc tracking")
    return ok("clock", f"{time.strftime('%F %T', time.gmtime(now))}Z; the file system agrees")


def _skew_seconds(folder: str) -> float:
    import tempfile

    with tempfile.NamedTemporaryFile(dir=folder, prefix=".clock-") as file:
        file.write(b"x")
        file.flush()
        return os.fstat(file.fileno()).st_mtime - time.time()
