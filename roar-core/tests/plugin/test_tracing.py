"""A tracer that is a program: what it answers, and what is started."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from roar_core.plugin.protocols import TraceOptions
from roar_core.plugin.tracing import ProgramTracer

MakeTracer = Callable[[str], ProgramTracer]


class MineTracer(ProgramTracer):
    def __init__(self, program: Path | None = None) -> None:
        super().__init__("roar-tracer-mine", "roar-mine", __file__, program)

    def options(self, options: TraceOptions) -> Sequence[str]:
        return ("--mode", options.mode)


@pytest.fixture
def make_tracer(tmp_path: Path) -> MakeTracer:
    """Makes a tracer whose program is a shell script."""

    def make(body: str) -> ProgramTracer:
        program = tmp_path / "roar-mine"
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)
        return MineTracer(program)

    return make


def answering(answer: dict[str, Any]) -> str:
    return f"echo '{json.dumps(answer)}'"


def test_probe_passes_the_programs_answer_on(make_tracer: MakeTracer) -> None:
    answer = {"report": 1, "version": "0.9", "usable": False, "reason": "forbidden", "hint": "allow it"}
    found = make_tracer(answering(answer)).probe()
    assert (found.usable, found.version, found.reason, found.hint) == (False, "0.9", "forbidden", "allow it")


def test_probe_of_another_report_format_is_no(make_tracer: MakeTracer) -> None:
    found = make_tracer(answering({"report": 2, "version": "9", "usable": True})).probe()
    assert (found.usable, found.hint) == (False, "pip install --upgrade roar-core")


@pytest.mark.parametrize("body", ["exit 3", "echo nonsense", "echo '[]'", "echo '{}'", "kill -9 $$"])
def test_probe_of_a_broken_program_is_no(make_tracer: MakeTracer, body: str) -> None:
    found = make_tracer(body).probe()
    assert not found.usable
    assert found.reason
    assert found.hint == "pip install --force-reinstall roar-tracer-mine"


def test_probe_of_a_program_that_cannot_start_is_no(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_bytes(b"\x7fELF")
    program.chmod(0o755)
    found = MineTracer(program).probe()
    assert not found.usable
    assert "does not start" in (found.reason or "")


def test_probe_of_a_program_that_is_missing_is_no() -> None:
    found = MineTracer().probe()
    assert (found.usable, found.reason) == (False, "its program is missing: `roar-mine`")


def test_command_has_every_option() -> None:
    options = TraceOptions(
        report=Path("/r"),
        wait="command",
        control=5,
        lock=6,
        preserve_limit=7,
        keep=Path("/k"),
        mode="trace",
        uid="0a1b2c3d",
        ignore=("/usr", "/lib"),
        after="written",
    )
    plan = MineTracer(Path("/program")).command(("cmd", "--report", "x"), options)
    words = (
        "/program --report /r --wait command --preserve-limit 7 --mode trace --control 5 --lock 6 --keep /k"
        " --uid 0a1b2c3d --after written --ignore /usr --ignore /lib -- cmd --report x"
    )
    assert plan.argv == tuple(words.split())


def test_command_has_no_option_that_is_not_wanted() -> None:
    plan = MineTracer(Path("/program")).command(("cmd",), TraceOptions(Path("/r")))
    assert not {"--control", "--lock", "--keep", "--uid", "--after", "--ignore"} & set(plan.argv)
