"""Ways to run one command under something that observes it, and to read what that reported."""

from __future__ import annotations

import base64
import json
import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import strace_log

TIMEOUT_SECONDS = 60


class ReportMissing(Exception):
    """The observer left no report, or a damaged one."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command, the folder it runs in, and what stands in front of the observer."""

    command: Sequence[str]
    folder: str
    outer: Sequence[str] = ()
    stdin: int | IO[bytes] = subprocess.DEVNULL
    stdout: int | IO[bytes] = subprocess.DEVNULL

    def execute(self, argv: Sequence[str]) -> tuple[int, str]:
        """The exit status (minus the signal) of `argv` and the last line it wrote to stderr."""
        done = subprocess.run(
            [*self.outer, *argv],
            cwd=self.folder,
            stdin=self.stdin,
            stdout=self.stdout,
            stderr=subprocess.PIPE,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        return done.returncode, done.stderr.decode("utf8", "replace").strip()[-80:]


@dataclass(frozen=True, slots=True)
class Observed:
    """What an observer reported: absolute paths; `renames` and `programs` are None where it does not report them."""

    status: int
    reads: set[str]
    writes: set[str]
    renames: list[tuple[str, str]] | None = None
    programs: list[str] | None = None
    gaps: tuple[str, ...] = ()


Recorder = Callable[[Invocation], Observed]


def roar_trace(template: str) -> Recorder:
    """A recorder whose report is roar-trace/1; `template` holds `{report}` and `{cmd}`."""

    def record(invocation: Invocation) -> Observed:
        status, report = _run_template(template, invocation)
        return parse_roar_trace(report, status)

    return record


def parse_roar_trace(report: bytes, status: int) -> Observed:
    """What a roar-trace/1 report says. Raises `ReportMissing` where it is damaged."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in report.splitlines()]
    if not lines or lines[0].get("format") != "roar-trace/1" or lines[-1].get("type") != "end":
        raise ReportMissing("damaged report")
    files = [line for line in lines if line["type"] == "file"]
    gaps = [line["kind"] for line in lines if line["type"] == "gap"]
    if lines[-1].get("level") == "libc":
        gaps.append("level:libc")
    return Observed(
        status,
        reads={_text(file, "path") for file in files if file["read"]},
        writes={
            _text(file, "path")
            for file in files
            if file["written"] and file.get("fate", "present") == "present"
        },
        renames=[(old, _text(file, "path")) for file in files for old in _texts(file, "renamed_from")],
        programs=[_text(line, "exe") for line in lines if line["type"] == "process"],
        gaps=tuple(sorted(set(gaps))),
    )


def custom(template: str) -> Recorder:
    """A recorder of any tool that writes `{"read": […], "write": […], "rename": …, "exec": …}`.

    `rename` is a list of pairs or null, `exec` a list of argument vectors or null.
    """

    def record(invocation: Invocation) -> Observed:
        status, text = _run_template(template, invocation)
        report = json.loads(text)
        renames, programs = report.get("rename"), report.get("exec")
        return Observed(
            status,
            reads=set(report["read"]),
            writes=set(report["write"]),
            renames=None if renames is None else [(old, new) for old, new in renames],
            programs=None if programs is None else [argv[0] for argv in programs],
        )

    return record


def strace(invocation: Invocation) -> Observed:
    """What strace sees, for comparison."""
    with tempfile.TemporaryDirectory() as folder:
        log = f"{folder}/log"
        options = [
            "-f",
            "-q",
            "-y",
            "-s",
            "4200",
            "-e",
            f"trace={strace_log.CALLS}",
            "-e",
            "signal=none",
            "-o",
            log,
        ]
        status, _ = invocation.execute(["strace", *options, *invocation.command])
        seen = strace_log.parse(Path(log).read_bytes(), invocation.folder)
    return Observed(status, seen.reads, seen.writes, seen.renames, seen.programs)


def _run_template(template: str, invocation: Invocation) -> tuple[int, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report")
        argv: list[str] = []
        for word in shlex.split(template):
            argv += invocation.command if word == "{cmd}" else [word.replace("{report}", str(report))]
        status, said = invocation.execute(argv)
        if not report.exists():
            raise ReportMissing(f"no report; {said}")
        return status, report.read_bytes()


def _text(line: dict[str, Any], key: str) -> str:
    """A string of the report; base64 under `KEY_bytes` where it is not UTF-8."""
    if f"{key}_bytes" in line:
        return os.fsdecode(base64.b64decode(line[f"{key}_bytes"]))
    return str(line[key])


def _texts(line: dict[str, Any], key: str) -> list[str]:
    if f"{key}_bytes" in line:
        return [os.fsdecode(base64.b64decode(text)) for text in line[f"{key}_bytes"]]
    return [str(text) for text in line.get(key, ())]


RECORDERS: dict[str, Recorder] = {"strace": strace}
