"""The thin Python side of the tracer: what it answers and what it starts."""

import json
from importlib.metadata import version
from pathlib import Path

import pytest
from roar_core.plugin.protocols import TraceOptions
from roar_core.testing.contracts import TracerContract
from roar_tracer_ebpf import VERSION
from roar_tracer_ebpf.tracer import EbpfTracer


class TestContract(TracerContract):
    @pytest.fixture
    def tracer(self):
        return EbpfTracer()


@pytest.fixture
def make_tracer(tmp_path):
    """Makes a tracer whose program is a shell script."""

    def make(body):
        program = tmp_path / "roar-tracer-ebpf"
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)
        return EbpfTracer(program)

    return make


def _answering(answer):
    return f"echo '{json.dumps(answer)}'"


def test_probe_passes_the_programs_answer_on(make_tracer):
    answer = {"report": 1, "version": VERSION, "usable": False, "reason": "forbidden", "hint": "allow it"}
    found = make_tracer(_answering(answer)).probe()
    assert (found.usable, found.version, found.reason, found.hint) == (
        False,
        VERSION,
        "forbidden",
        "allow it",
    )


def test_probe_of_another_version_is_no(make_tracer):
    found = make_tracer(_answering({"report": 1, "version": "0.0.9", "usable": True})).probe()
    assert (found.usable, found.hint) == (False, "roar tracer enable ebpf")


def test_version_is_the_distributions():
    assert version("roar-tracer-ebpf") == VERSION


@pytest.mark.parametrize(("user", "is_copy"), [(1000, True), (0, False)])
def test_ordinary_user_takes_the_copy_with_capabilities(tmp_path, monkeypatch, user, is_copy):
    monkeypatch.setattr("os.geteuid", lambda: user)
    copy = tmp_path / f"roar-tracer-ebpf-{VERSION}"
    copy.touch(mode=0o755)
    brought = tmp_path / "brought"
    plan = EbpfTracer(brought, tmp_path).command(("cmd",), TraceOptions(Path("/r")))
    assert plan.argv[0] == str(copy if is_copy else brought)


def test_copy_that_may_not_be_run_is_not_taken(tmp_path, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    (tmp_path / f"roar-tracer-ebpf-{VERSION}").touch(mode=0o640)
    brought = tmp_path / "brought"
    plan = EbpfTracer(brought, tmp_path).command(("cmd",), TraceOptions(Path("/r")))
    assert plan.argv[0] == str(brought)


def test_privileged_program_is_the_one_of_the_wheel(tmp_path):
    program = EbpfTracer(tmp_path / "program").privileged_program()
    assert program is not None
    assert (program.program, program.version) == (tmp_path / "program", VERSION)
    assert program.capabilities == ("cap_bpf", "cap_perfmon")


def test_probe_of_another_report_format_is_no(make_tracer):
    found = make_tracer(_answering({"report": 2, "version": "9", "usable": True})).probe()
    assert (found.usable, found.hint) == (False, "pip install --upgrade roar-core")


@pytest.mark.parametrize("body", ["exit 3", "echo nonsense", "echo '[]'", "echo '{}'", "kill -9 $$"])
def test_probe_of_a_broken_program_is_no(make_tracer, body):
    found = make_tracer(body).probe()
    assert not found.usable
    assert found.reason
    assert found.hint == "pip install --force-reinstall roar-tracer-ebpf"


def test_probe_of_a_program_that_cannot_start_is_no(tmp_path):
    program = tmp_path / "program"
    program.write_bytes(b"\x7fELF")
    program.chmod(0o755)
    found = EbpfTracer(program).probe()
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
        ignore=("/usr", "/lib"),
    )
    plan = EbpfTracer(Path("/program")).command(("cmd", "--report", "x"), options)
    words = "/program --report /r --wait command --preserve-limit 7 --control 5 --lock 6 --keep /k"
    assert plan.argv == tuple(f"{words} --ignore /usr --ignore /lib -- cmd --report x".split())


def test_command_has_no_option_that_is_not_wanted(tmp_path):
    plan = EbpfTracer(Path("/program")).command(("cmd",), TraceOptions(Path("/r")))
    assert not {"--control", "--lock", "--keep", "--ignore"} & set(plan.argv)
