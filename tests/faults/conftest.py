"""The fixture of these tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from scene import Scene


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    if not shutil.which("strace"):
        pytest.skip("needs strace (Debian package strace) to inject the kill")
    return Scene(tmp_path)
