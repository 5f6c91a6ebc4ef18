"""The thin Python side of the tracer."""

from pathlib import Path

import pytest
from roar_core.plugin.protocols import TraceOptions
from roar_core.testing.contracts import TracerContract
from roar_tracer_preload.plugin import roar_register_tracers
from roar_tracer_preload.tracer import PreloadTracer


class TestContract(TracerContract):
    @pytest.fixture
    def tracer(self):
        return PreloadTracer()


@pytest.mark.parametrize(("wanted", "word"), [(True, "yes"), (False, "no")])
def test_what_to_do_with_static_programs_is_passed_on(wanted, word):
    plan = PreloadTracer(Path("/program")).command(("cmd",), TraceOptions(Path("/r"), static_programs=wanted))
    assert f"--static {word} -- cmd" in " ".join(plan.argv)


def test_set_id_programs_are_a_blind_spot():
    tracer = PreloadTracer(Path("/program"))
    assert set(tracer.blind_spots(("static", "set_id"))) == {"set_id"}
    assert tracer.blind_spots(("static", "go", "other_libc")) == {}


def test_programs_that_macos_protects_are_a_blind_spot_with_a_way_out():
    (reason,) = PreloadTracer(Path("/program")).blind_spots(("protected",)).values()
    assert "Homebrew" in reason


def test_it_is_offered_on_linux_and_on_macos():
    (spec,) = roar_register_tracers()
    assert spec.platforms == ("linux", "darwin")
