"""The thin Python side of the tracer."""

from pathlib import Path

import pytest
from roar_core.plugin.protocols import TraceOptions
from roar_core.testing.contracts import TracerContract
from roar_tracer_ptrace.tracer import PtraceTracer


class TestContract(TracerContract):
    @pytest.fixture
    def tracer(self):
        return PtraceTracer()


def test_mode_is_passed_on():
    plan = PtraceTracer(Path("/program")).command(("cmd",), TraceOptions(Path("/r"), mode="trace"))
    assert "--mode trace -- cmd" in " ".join(plan.argv)


@pytest.mark.parametrize(("user", "blind"), [(0, set()), (1000, {"set_id"})])
def test_set_id_programs_are_a_blind_spot_for_ordinary_users(user, blind, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: user)
    tracer = PtraceTracer(Path("/program"))
    assert set(tracer.blind_spots(("static", "set_id"))) == blind
    assert tracer.blind_spots(("static", "go")) == {}
