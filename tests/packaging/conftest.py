"""Freshly built wheels, and environments that hold nothing but what was installed from them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from installation import PACKAGES, REPOSITORY, Installation

PLAIN_PROGRAMS = ("sh", "cat", "env", "mkdir", "rm", "true")


@pytest.fixture(scope="session")
def wheels() -> Path:
    """The folder of the wheels that `scripts/test` builds."""
    folder = Path(os.environ.get("ROAR_WHEELS", REPOSITORY / "build" / "wheels"))
    built = {file.name.split("-")[0].replace("_", "-") for file in folder.glob("*.whl")}
    if built != set(PACKAGES):
        pytest.skip(f"no wheels in {folder}: scripts/test builds them; ROAR_WHEELS names another folder")
    return folder


@pytest.fixture(scope="session")
def uv() -> str:
    """The uv beside this Python, or the one on PATH."""
    beside = Path(sys.executable).parent / "uv"
    found = str(beside) if beside.exists() else shutil.which("uv")
    if not found:
        pytest.skip("no uv: pip install uv")
    return found


@pytest.fixture(scope="session")
def plain_programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for PATH with a few programs and no compiler."""
    folder = tmp_path_factory.mktemp("plain-programs")
    for name in PLAIN_PROGRAMS:
        found = shutil.which(name, path="/usr/bin:/bin")
        assert found, name
        (folder / name).symlink_to(found)
    return folder


@pytest.fixture
def installation(tmp_path: Path, plain_programs: Path, wheels: Path) -> Installation:
    """An environment of this Python's version into which nothing has been installed yet."""
    made = Installation(tmp_path / "environment", plain_programs, wheels)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", made.folder], check=True)
    return made
