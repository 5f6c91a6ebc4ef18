"""The fixture of these tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from pipeline import Pipeline


@pytest.fixture(params=["ptrace"])
def pipeline(request: pytest.FixtureRequest, tmp_path: Path) -> Pipeline:
    root = tmp_path / "project"
    root.mkdir()
    return Pipeline(root, request.param)
