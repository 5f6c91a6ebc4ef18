"""The fixture of these tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from place import Place


@pytest.fixture(params=["ptrace", "none"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    there = Place(tmp_path, request.param)
    assert there.roar("init", "-n").returncode == 0
    return there
