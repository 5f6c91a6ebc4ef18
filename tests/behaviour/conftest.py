"""The fixture of these tests."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from installed_tracers import INSTALLED, NONE
from place import Place


@pytest.fixture(params=[*INSTALLED, NONE])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    there = Place(tmp_path, request.param)
    assert there.roar("init", "-n").returncode == 0
    return there


@pytest.fixture(autouse=True, scope="session")
def heed_signals() -> None:
    """Undoes what nohup or a shell's background made the test run ignore, since commands would inherit it."""
    for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
