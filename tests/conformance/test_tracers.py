"""Every tracer, on every case: `roar trace` reports what the case touches, and nothing else."""

from __future__ import annotations

import os
import sys

import pytest
from cases import CASES, Case
from installed_tracers import each_tracer
from recorders import roar_trace
from runner import Bench, run_case
from verdicts import Result


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
@each_tracer
def test_report_is_true(case: Case, tracer: str, bench: Bench) -> None:
    if case.needs_root and os.geteuid() != 0:
        pytest.skip("needs root: a namespace, another root folder or a set-id program is made")
    recorder = roar_trace(
        f"{sys.executable} -m roar_core trace --tracer {tracer} --report {{report}} -- {{cmd}}"
    )
    verdict = run_case(case, recorder, bench, tracer)
    assert verdict.result is not Result.FAIL, verdict.reasons
