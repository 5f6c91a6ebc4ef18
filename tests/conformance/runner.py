"""Runs one conformance case: lays out its folder, runs its command under a recorder, judges the report."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from cases import Case
from recorders import Invocation, Observed, Recorder, ReportMissing
from verdicts import Result, Verdict, is_there, judge

SOURCES = Path(__file__).resolve().parent / "programs"
CONTENT = "0123456789abcdef\n" * 512
NEEDED_PROGRAMS = ("make", "gcc", "git", "strace", "setpriv", "unshare")


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the compiled programs are, which Python runs the Python cases, and where the cases get their folders."""

    programs: Path
    python: str
    work: Path

    def fill(self, text: str) -> str:
        """The text with its placeholders replaced."""
        return text.replace("{programs}", str(self.programs)).replace("{python}", self.python)

    def fill_all(self, texts: tuple[str, ...]) -> list[str]:
        """Several texts with their placeholders replaced."""
        return [self.fill(text) for text in texts]


def make_bench(work: Path, python: str = sys.executable) -> Bench:
    """A bench below `work`, the programs compiled. Raises `FileNotFoundError` naming what is not installed."""
    absent = [name for name in NEEDED_PROGRAMS if not shutil.which(name)]
    if absent:
        raise FileNotFoundError(f"needed to build or run the cases: {' '.join(absent)}")
    if subprocess.run(
        [python, "-c", "import numpy, pandas"], stderr=subprocess.DEVNULL, check=False
    ).returncode:
        raise FileNotFoundError(f"numpy and pandas are needed by {python}")
    programs = work / "programs"
    programs.mkdir(parents=True, exist_ok=True)
    subprocess.run(["make", "-s", "-f", str(SOURCES / "Makefile"), f"OUT={programs}"], check=True)
    return Bench(programs, python, work)


def run_case(case: Case, recorder: Recorder, bench: Bench, tracer: str | None) -> Verdict:
    """The verdict on one run of a case; its folder stays, for whoever wants to look."""
    folder = lay_out(case, bench)
    started = time.monotonic()
    try:
        observed = _record(case, recorder, bench, str(folder))
    except (OSError, subprocess.SubprocessError, ReportMissing, ValueError, KeyError) as error:
        said = (str(error).splitlines() or [repr(error)])[-1][:90]
        return Verdict(case.name, Result.FAIL, (f"tracer failed: {said}",), time.monotonic() - started)
    seconds = time.monotonic() - started
    _wait_for_outputs(case, str(folder))
    return judge(case, observed, str(folder), seconds, tracer)


def lay_out(case: Case, bench: Bench) -> Path:
    """The case's own fresh folder, its setup done."""
    folder = bench.work / case.name
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "sub").mkdir(parents=True)
    (folder / "priv").mkdir()
    for name in ("in", "sub/in"):
        (folder / name).write_text(CONTENT)
    if case.setup is not None:
        setup = (
            ["sh", "-c", bench.fill(case.setup)]
            if isinstance(case.setup, str)
            else bench.fill_all(case.setup)
        )
        subprocess.run(setup, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return folder


def _record(case: Case, recorder: Recorder, bench: Bench, folder: str) -> Observed:
    with ExitStack() as stack:
        stdin = (
            stack.enter_context(open(f"{folder}/{case.stdin}", "rb")) if case.stdin else subprocess.DEVNULL
        )
        stdout = (
            stack.enter_context(open(f"{folder}/{case.stdout}", "wb")) if case.stdout else subprocess.DEVNULL
        )
        if case.background:
            beside = subprocess.Popen(["sh", "-c", case.background], cwd=folder, start_new_session=True)
            stack.callback(beside.wait)
            stack.callback(os.killpg, beside.pid, signal.SIGKILL)
        return recorder(Invocation(bench.fill_all(case.command), folder, case.outer, stdin, stdout))


def _wait_for_outputs(case: Case, folder: str) -> None:
    """A daemon may outlive the tracer: gives it time to write."""
    deadline = time.monotonic() + case.wait_seconds
    while time.monotonic() < deadline and not all(is_there(folder, path) for path in case.writes):
        time.sleep(0.05)
