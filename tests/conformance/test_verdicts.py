"""The yardstick itself: a wrong report is found out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cases import CASES, Case
from recorders import Observed, ReportMissing, parse_roar_trace
from runner import Bench, lay_out
from verdicts import Result, Verdict, judge


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """A folder in which `act open` has run."""
    made = lay_out(CASES["open"], Bench(tmp_path, "python3", tmp_path))
    (made / "out").write_text("data\n")
    return str(made)


def verdict(folder: str, case: Case = CASES["open"], **wrong: Any) -> Verdict:
    truth = Observed(0, {f"{folder}/in"}, {f"{folder}/out"}, [], [])
    return judge(case, replace(truth, **wrong), folder, 0.0, "ptrace")


def test_true_report_passes(folder: str) -> None:
    assert verdict(folder).result is Result.PASS


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"status": 1}, "exit status 1, expected 0"),
        ({"reads": set()}, "read missing: in"),
        ({"writes": set()}, "write missing: out"),
        ({"reads": {"in"}}, "read missing: in"),
    ],
)
def test_wrong_report_fails_and_says_why(folder: str, wrong: dict[str, Any], reason: str) -> None:
    found = verdict(folder, **wrong)
    assert found.result is Result.FAIL
    assert reason in found.reasons


def test_extra_path_fails_when_it_is_in_the_folder(folder: str) -> None:
    assert verdict(folder, reads={f"{folder}/in", f"{folder}/sub/in"}).result is Result.FAIL
    assert verdict(folder, reads={f"{folder}/in", "/etc/passwd"}).result is Result.PASS


def test_extra_path_is_soft_when_the_file_is_gone(folder: str) -> None:
    assert verdict(folder, reads={f"{folder}/in", f"{folder}/tmp"}).result is Result.SOFT


def test_missing_path_is_a_gap_only_when_declared_and_allowed(folder: str) -> None:
    blind: dict[str, Any] = {"reads": set(), "writes": set()}
    uring = CASES["uring"]
    assert verdict(folder, uring, **blind, gaps=("io_uring",)).result is Result.GAP
    assert verdict(folder, uring, **blind, gaps=("static",)).result is Result.FAIL
    assert verdict(folder, uring, **blind).result is Result.FAIL
    assert verdict(folder, **blind, gaps=("io_uring",)).result is Result.FAIL


def test_lost_output_fails_though_the_report_is_true(folder: str) -> None:
    Path(folder, "out").unlink()
    assert verdict(folder).result is Result.FAIL


def test_lost_rename_and_program_fail(folder: str) -> None:
    case = replace(CASES["open"], renames=(("tmp", "out"),), programs=("cat",))
    assert verdict(folder, case, renames=[("/a/tmp", "/a/out")], programs=["/bin/cat"]).result is Result.PASS
    assert verdict(folder, case, renames=[], programs=["/bin/cat"]).result is Result.FAIL
    assert verdict(folder, case, renames=[("/a/tmp", "/a/out")]).result is Result.FAIL


def test_report_without_end_is_damaged() -> None:
    header = b'{"type":"header","format":"roar-trace/1"}\n'
    end = b'{"type":"end","level":"kernel"}\n'
    with pytest.raises(ReportMissing):
        parse_roar_trace(header, 0)
    assert parse_roar_trace(header + end, 0).reads == set()


def test_path_that_is_not_utf8_is_decoded() -> None:
    report = (
        b'{"type":"header","format":"roar-trace/1"}\n'
        b'{"type":"file","path_bytes":"L3j/","read":true,"written":false}\n'
        b'{"type":"end","level":"kernel"}\n'
    )
    assert parse_roar_trace(report, 0).reads == {"/x\udcff"}
