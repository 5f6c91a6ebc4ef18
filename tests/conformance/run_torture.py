#!/usr/bin/env python3
"""Runs the conformance cases under a tracer and compares what it reported with what must be reported.

  run_torture.py --roar ptrace [--only a,b] [--json out.json]      `roar trace --tracer ptrace` (roar-trace/1)
  run_torture.py --tracer strace                                   a recorder built in here, for comparison
  run_torture.py --tracer-cmd 'mytool --report {report} -- {cmd}'  any tool whose report is
        {"read": [...], "write": [...], "rename": [[from, to], ...] or null, "exec": [[argv...], ...] or null}

Exit status 1 where a case failed. What PASS, SOFT, GAP and FAIL mean: verdicts.py. Cases that need root are left
out, and counted, for another user. `roar` is the one that ROAR names, or beside this Python, or on PATH;
TORTURE_PYTHON names a Python with numpy and pandas.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import recorders
from cases import CASES, Case
from runner import Bench, make_bench, run_case
from verdicts import Result, Verdict


def main() -> int:
    """The exit status: 1 where a case failed."""
    options = _parse_arguments()
    label = options.roar or options.tracer or "command"
    work = Path(options.work, label)
    try:
        bench = make_bench(work, os.environ.get("TORTURE_PYTHON", sys.executable))
    except FileNotFoundError as error:
        sys.exit(str(error))
    recorder = _choose_recorder(options)
    chosen = [CASES[name] for name in options.only.split(",")] if options.only else list(CASES.values())
    allowed = [case for case in chosen if not case.needs_root or os.geteuid() == 0]
    verdicts = []
    for case in allowed:
        verdict = run_repeatedly(case, recorder, bench, options.roar, options.repeat)
        verdicts.append(verdict)
        if not (options.quiet and verdict.result is Result.PASS):
            print(_line(verdict), flush=True)
    print(_summary(verdicts, len(chosen) - len(allowed)))
    if options.json:
        rows = [
            {"case": v.case, "result": v.result.name, "reasons": v.reasons, "seconds": v.seconds}
            for v in verdicts
        ]
        Path(options.json).write_text(json.dumps(rows, indent=1))
    shutil.rmtree(work, ignore_errors=True)
    return int(any(verdict.result is Result.FAIL for verdict in verdicts))


def run_repeatedly(
    case: Case, recorder: recorders.Recorder, bench: Bench, tracer: str | None, times: int
) -> Verdict:
    """The worst of several verdicts; its note says how often the case failed."""
    verdicts = [run_case(case, recorder, bench, tracer) for _ in range(times)]
    worst = max(verdicts, key=lambda verdict: verdict.result.value)
    failed = sum(verdict.result is Result.FAIL for verdict in verdicts)
    return replace(worst, note=f"flaky: failed {failed} of {times}") if 0 < failed < times else worst


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--roar", metavar="TRACER", help="a tracer of roar")
    which.add_argument("--tracer", choices=sorted(recorders.RECORDERS), help="a recorder built in here")
    which.add_argument("--tracer-cmd", metavar="TEMPLATE", help="a command with {report} and {cmd} in it")
    parser.add_argument("--only", metavar="CASE,CASE", help="these cases alone")
    parser.add_argument("--json", metavar="FILE", help="write the verdicts to FILE")
    parser.add_argument(
        "--work", default=os.path.expanduser("~/.cache/roar-conformance"), help="folder of the cases"
    )
    parser.add_argument("--repeat", type=int, default=1, help="run each case so often; the worst run counts")
    parser.add_argument("--quiet", action="store_true", help="do not print the cases that passed")
    options = parser.parse_args()
    unknown = set(options.only.split(",")) - set(CASES) if options.only else set()
    if unknown:
        parser.error(f"no such case: {' '.join(sorted(unknown))}")
    return options


def _choose_recorder(options: argparse.Namespace) -> recorders.Recorder:
    if options.roar:
        beside = Path(sys.executable).parent / "roar"
        roar = os.environ.get("ROAR") or (str(beside) if beside.exists() else shutil.which("roar"))
        if not roar:
            sys.exit("no `roar` beside this Python or on PATH; ROAR names one")
        return recorders.roar_trace(f"{roar} trace --tracer {options.roar} --report {{report}} -- {{cmd}}")
    return recorders.custom(options.tracer_cmd) if options.tracer_cmd else recorders.RECORDERS[options.tracer]


def _line(verdict: Verdict) -> str:
    note = f" [{verdict.note}]" if verdict.note else ""
    return f"{verdict.case:28} {verdict.result.name:4} {verdict.seconds:6.2f}s  {'; '.join(verdict.reasons)}{note}"


def _summary(verdicts: list[Verdict], left_out: int) -> str:
    counts = [f"{sum(v.result is result for v in verdicts)} {result.name}" for result in Result]
    return f"{len(verdicts)} cases: {', '.join(counts)}" + (f", {left_out} need root" if left_out else "")


if __name__ == "__main__":
    sys.exit(main())
