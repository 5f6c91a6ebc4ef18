"""The thin Python side of the tracer: what it answers and what it starts."""

import json
from pathlib import Path

import pytest
from roar_core.plugin.protocols import TraceOptions
from roar_core.testing.contracts import TracerContract
from roar_tracer_preload.tracer import PreloadTracer


class TestContract(TracerContract):
    @pytest.fixture
    def tracer(self):
        return PreloadTracer()


@pytest.fixture
def make_tracer(tmp_path):
    """Makes a tracer whose program is a shell script."""

    def make(body):
        program = tmp_path / "roar-tracer-preload"
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)
        return PreloadTracer(program)

    return make


def _answering(answer):
    return f"echo '{json.dumps(answer)}'"


def test_probe_passes_the_programs_answer_on(make_tracer):
    answer = {"report": 1, "version": "0.9", "usable": False, "reason": "forbidden", "hint": "allow it"}
    found = make_tracer(_answering(answer)).probe()
    assert (found.usable, found.version, found.reason, found.hint) == (False, "0.9", "forbidden", "allow it")


def test_probe_of_another_report_format_is_no(make_tracer):
    found = make_tracer(_answering({"report": 2, "version": "9", "usable": True})).probe()
    assert (found.usable, found.hint) == (False, "pip install --upgrade roar-core")


@pytest.mark.parametrize("body", ["exit 3", "echo nonsense", "echo '[]'", "echo '{}'", "kill -9 $$"])
def test_probe_of_a_broken_program_is_no(make_tracer, body):
    found = make_tracer(body).probe()
    assert not found.usable
    assert found.reason
    assert found.hint == "pip install --force-reinstall roar-tracer-preload"


def test_probe_of_a_program_that_cannot_start_is_no(tmp_path):
    program = tmp_path / "program"
    program.write_bytes(b"\x7fELF")
    program.chmod(0o755)
    found = PreloadTracer(program).probe()
    assert not found.usable
    assert "does not start" in (found.reason or "")


def test_command_has_every_option(tmp_path):
    options = TraceOptions(
        report=Path("/r"),
        wait="command",
        control=5,
        lock=6,
        preserve_limit=7,
        keep=Path("/k"),
        static_programs=False,
        ignore=("/usr", "/lib"),
    )
    plan = PreloadTracer(Path("/program")).command(("cmd", "--report", "x"), options)
    words = (
        "/program --report /r --wait command --preserve-limit 7 --static no --control 5 --lock 6 --keep /k"
    )
    assert plan.argv == tuple(f"{words} --ignore /usr --ignore /lib -- cmd --report x".split())


def test_command_has_no_option_that_is_not_wanted(tmp_path):
    plan = PreloadTracer(Path("/program")).command(("cmd",), TraceOptions(Path("/r")))
    assert not {"--control", "--lock", "--keep", "--ignore"} & set(plan.argv)


def test_set_id_programs_are_a_blind_spot():
    tracer = PreloadTracer(Path("/program"))
    assert set(tracer.blind_spots(("static", "set_id"))) == {"set_id"}
    assert tracer.blind_spots(("static", "go", "other_libc")) == {}


def test_programs_that_macos_protects_are_a_blind_spot_with_a_way_out():
    (reason,) = PreloadTracer(Path("/program")).blind_spots(("protected",)).values()
    assert "Homebrew" in reason
