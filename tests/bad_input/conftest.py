"""The fixtures of these tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from user import User


@pytest.fixture(scope="session")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One project with nothing in it, and one with a job, to be copied."""
    top = tmp_path_factory.mktemp("projects")
    for name in ("empty", "used"):
        (top / name).mkdir()
        user = User(top / name)
        user.roar("init", "-n")
    user.write("in.txt", "data\n")
    user.roar("run", "-q", "sh", "-c", "cat in.txt > out.txt")
    return top


@pytest.fixture
def stranger(tmp_path: Path) -> User:
    """A user in a folder that is no project."""
    return User(tmp_path)


@pytest.fixture
def user(stranger: User, projects: Path) -> User:
    """A user in a project with nothing in it."""
    shutil.copytree(projects / "empty/project", stranger.project, dirs_exist_ok=True)
    return stranger


@pytest.fixture
def experienced(stranger: User, projects: Path) -> User:
    """A user in a project with one job."""
    shutil.copytree(projects / "used/project", stranger.project, dirs_exist_ok=True)
    return stranger
