"""Which signals are passed on to the job."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import Any, cast

import pytest
from roar_core.capture import front
from roar_core.capture.control import Event
from roar_core.capture.front import Front, is_pending

SEEN = Event("signal", {"signal": int(signal.SIGTERM)})


class Watch:
    """Gets SIGTERM each time that it is asked."""

    def receive(self) -> list[int]:
        return [signal.SIGTERM]


@pytest.fixture
def passed_on(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    numbers: list[int] = []
    monkeypatch.setattr(front, "WITNESS_SECONDS", 0.05)
    monkeypatch.setattr(Front, "_signal_job", lambda _, number: numbers.append(number))
    return numbers


def make_front(tracer: int | None = None) -> Front:
    return Front(cast("Any", Watch()), lambda text: None, None, 1, tracer)


@pytest.mark.parametrize("tracer_is_first", [True, False])
def test_signal_that_the_tracer_has_seen_is_not_passed_on(
    passed_on: list[int], tracer_is_first: bool
) -> None:
    standing = make_front()
    steps = [lambda: standing._take(SEEN), standing._note_signals]
    for step in steps if tracer_is_first else reversed(steps):
        step()
    time.sleep(0.06)
    standing._forward_due()
    assert passed_on == []
    standing._note_signals()
    time.sleep(0.06)
    standing._forward_due()
    assert passed_on == [signal.SIGTERM]  # the next one is another


def test_signal_that_waits_for_the_tracer_is_not_passed_on(passed_on: list[int]) -> None:
    with subprocess.Popen(["sleep", "60"]) as tracer:
        tracer.send_signal(signal.SIGSTOP)
        os.waitpid(tracer.pid, os.WUNTRACED)  # it has stopped
        tracer.send_signal(signal.SIGTERM)
        assert is_pending(tracer.pid, signal.SIGTERM)
        standing = make_front(tracer.pid)
        standing._note_signals()
        time.sleep(0.06)
        standing._forward_due()
        assert passed_on == []
        tracer.kill()
    time.sleep(0.06)
    standing._forward_due()
    assert passed_on == [signal.SIGTERM]  # nobody is left who could have seen it
