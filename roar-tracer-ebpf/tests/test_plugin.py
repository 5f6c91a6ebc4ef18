"""The thin Python side of the tracer."""

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


def test_probe_of_another_version_is_no(tmp_path):
    program = tmp_path / "roar-tracer-ebpf"
    answer = {"report": 1, "version": "0.0.9", "usable": True}
    program.write_text(f"#!/bin/sh\necho '{json.dumps(answer)}'\n")
    program.chmod(0o755)
    found = EbpfTracer(program).probe()
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
