"""The fixtures of these tests."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from installed_tracers import NONE, usable_tracers
from scene import JOB, Scene


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where compiled modules are kept, so that every run of roar makes the same system calls."""
    folder = tmp_path_factory.mktemp("bytecode")
    one = Scene(tmp_path_factory.mktemp("first"), folder)
    for tracer in (*usable_tracers(), NONE):
        one.job(JOB, "--tracer", tracer)
    one.log()
    return folder


@pytest.fixture
def make_scene(bytecode: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Scene]:
    """Makes as many projects as are asked for."""
    return lambda *folders: Scene(tmp_path_factory.mktemp("scene"), bytecode, *folders)


@pytest.fixture
def scene(make_scene: Callable[[], Scene]) -> Scene:
    return make_scene()


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Mounts for the time of a test: `mount("-t", "tmpfs", …)` gives the folder."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root: run the suite as root")
    mounted: list[Path] = []

    def mount_on(*arguments: str, on: Path | None = None) -> Path:
        folder = on or tmp_path / f"mount{len(mounted)}"
        folder.mkdir(exist_ok=True)
        done = subprocess.run(["mount", *arguments, str(folder)], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"mounting is not allowed here ({done.stderr.strip()}): run with CAP_SYS_ADMIN")
        mounted.append(folder)
        return folder

    yield mount_on
    for folder in reversed(mounted):
        subprocess.run(["umount", "-l", str(folder)], check=False)
