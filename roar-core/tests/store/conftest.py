from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from roar_core.project import Project
from roar_core.store.store import Store

WRITER = Path(__file__).with_name("writer_program.py")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / ".roar").mkdir()
    return Project(tmp_path.resolve())


@pytest.fixture
def store(project: Project) -> Iterator[Store]:
    with Store(project) as store:
        yield store


@pytest.fixture(scope="session")
def writer() -> ModuleType:
    """The module that makes runs, and which other processes execute."""
    spec = importlib.util.spec_from_file_location("writer_program", WRITER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["writer_program"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def make_run(writer: ModuleType) -> Callable[..., Any]:
    return writer.make_run  # type: ignore[no-any-return]  # a module's attribute


@pytest.fixture
def rules(writer: ModuleType) -> Any:
    return writer.CountingRules()


@pytest.fixture
def start_writer(project: Project) -> Callable[..., subprocess.Popen[str]]:
    def start(uid: str, inputs: int, outputs: int, *options: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(WRITER), str(project.root), uid, str(inputs), str(outputs), *options]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    return start


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Mounts for the time of a test: `mount("-t", "tmpfs", …)` gives the folder."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root: run the suite as root, or in `unshare -rm`")
    mounted: list[Path] = []

    def mount_on(*arguments: str, on: Path | None = None) -> Path:
        folder = on or tmp_path / f"mount{len(mounted)}"
        folder.mkdir(exist_ok=True)
        done = subprocess.run(["mount", *arguments, str(folder)], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(
                f"mount is not allowed here ({done.stderr.strip()}): run in a container with CAP_SYS_ADMIN"
            )
        if folder not in mounted:
            mounted.append(folder)
        return folder

    yield mount_on
    for folder in reversed(mounted):
        subprocess.run(["umount", "-l", str(folder)], check=False)
