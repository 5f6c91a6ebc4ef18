"""A project in which things go wrong, and what can be looked at afterwards."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blake3 import blake3

ROAR = (sys.executable, "-m", "roar_core")
POINTS = int(os.environ.get("ROAR_FAULT_POINTS", "24"))  # at how many points of a run it is killed
JOB = "echo started > started; cat in > out; echo finished > finished"
LEFT_BY_JOB = {"started", "out", "finished"}
SECONDS = 60  # nothing here takes as long: what does has hung


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: negative for a signal, as in `subprocess`."""

    status: int
    stdout: str
    stderr: str


class Started:
    """A command that runs, as process `pid`; leaving its context waits until all of its descendants have gone."""

    def __init__(self, process: subprocess.Popen[str], report: int) -> None:
        self._process = process
        self._report = report
        self.pid = int(self._line())

    @property
    def reaper(self) -> int:
        """The process that becomes the parent of what the command leaves behind."""
        return self._process.pid

    def is_running(self) -> bool:
        """Returns whether the command itself has not ended."""
        return not select.select([self._report], [], [], 0)[0]

    def wait(self) -> Ended:
        """Returns how the command itself ended, and what it wrote, while its descendants may live."""
        streams = (self._process.stdout, self._process.stderr)
        stdout, stderr = ("" if stream is None else stream.read() for stream in streams)
        status = self._line()
        assert status.lstrip("-").isdigit(), f"hangs for {SECONDS} s: {status}"
        return Ended(int(status), stdout, stderr)

    def __enter__(self) -> Started:
        return self

    def __exit__(self, kind: type[BaseException] | None, *unused: object) -> None:
        if kind is not None:
            self._process.send_signal(signal.SIGALRM)  # there is nothing to wait for any more
        self._process.communicate(timeout=2 * SECONDS)
        lines = list(iter(self._line, ""))
        os.close(self._report)
        assert kind or lines[-1] == "gone", f"still there after {SECONDS} s: {lines[-1]}"

    def _line(self) -> str:
        line = b""
        while not line.endswith(b"\n"):
            character = os.read(self._report, 1)
            if not character:
                break
            line += character
        return line.decode().rstrip("\n")


class Scene:
    """A project below `place`, with a user's folders of its own beside it."""

    def __init__(
        self, place: Path, bytecode: Path, project: Path | None = None, outside: Path | None = None
    ) -> None:
        self.place = place
        self.root = project or place / "project"
        outside = self.outside = outside or place / "outside"
        for folder in (self.root, outside / "tmp", outside / "state", outside / "run"):
            folder.mkdir(parents=True, exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ROAR_", "XDG_"))}
        self.environment = kept | {
            "ROAR_TRACER__DEFAULT": "ptrace",
            "NO_COLOR": "1",
            "TMPDIR": str(outside / "tmp"),
            "XDG_STATE_HOME": str(outside / "state"),
            "XDG_CACHE_HOME": str(outside / "cache"),
            "XDG_RUNTIME_DIR": str(outside / "run"),
            "XDG_CONFIG_HOME": str(outside / "config"),
            "PYTHONPYCACHEPREFIX": str(bytecode),
            "PYTHONDONTWRITEBYTECODE": "",
        }
        if not (self.root / ".roar").exists():
            (self.root / "in").write_text("x" * 100)
            assert self.roar("init", "-n").status == 0

    @property
    def database(self) -> Path:
        return self.root / ".roar/roar.db"

    @property
    def spool(self) -> Path:
        return self.root / ".roar/spool"

    def start(self, *command: str, **options: Any) -> Started:
        """Starts a command of which nothing outlives the context of what this returns."""
        report, theirs = os.pipe2(os.O_CLOEXEC)
        pipes = {} if options.pop("quiet", False) else {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        arguments: dict[str, Any] = (
            {"cwd": self.root, "env": self.environment, "text": True} | pipes | options
        )
        reaper = str(Path(__file__).with_name("reaper.py"))
        words = [sys.executable, "-IS", reaper, str(theirs), str(SECONDS), *command]
        try:
            return Started(subprocess.Popen(words, pass_fds=[theirs], **arguments), report)
        finally:
            os.close(theirs)

    def run(self, *command: str, **options: Any) -> Ended:
        """Runs a command and returns how it ended, when all of its descendants have gone."""
        with self.start(*command, **options) as started:
            return started.wait()

    def roar(self, *arguments: str, **options: Any) -> Ended:
        """Runs roar, which must never show a traceback, nor hang."""
        ended = self.run(*ROAR, *arguments, **options)
        assert "Traceback" not in ended.stderr, ended.stderr
        return ended

    def job(self, script: str = JOB, *options: str, **more: Any) -> Ended:
        """Runs a shell script under `roar run -q`."""
        return self.roar("run", "-q", *options, "sh", "-c", script, **more)

    def log(self) -> list[dict[str, Any]]:
        """Returns all recorded runs; what waited has been taken in, without a word."""
        ended = self.roar("log", "--all", "--json")
        assert (ended.status, ended.stderr) == (0, ""), ended
        jobs: list[dict[str, Any]] = json.loads(ended.stdout)
        assert len({job["uid"] for job in jobs}) == len(jobs)
        return jobs

    def show(self, uid: str) -> dict[str, Any]:
        shown: dict[str, Any] = json.loads(self.roar("show", uid, "--json").stdout)
        return shown

    def outputs(self, uid: str) -> dict[str, str | None]:
        """Returns the digests of a run's outputs by path."""
        return {edge["path"]: edge["digest"] for edge in self.show(uid)["outputs"]}

    def left(self, *names: str) -> dict[str, str]:
        """Returns the digests of those files that are there, by path."""
        found = {name: self.root / name for name in names or LEFT_BY_JOB}
        return {
            name: "blake3:" + blake3(path.read_bytes()).hexdigest()
            for name, path in found.items()
            if path.exists()
        }

    def happened(self, name: str) -> bool:
        return (self.root / name).exists()

    def waiting(self) -> list[str]:
        """Returns what lies in the spools."""
        elsewhere = (self.outside / "state").rglob("run.json")
        return sorted(os.listdir(self.spool) if self.spool.exists() else []) + sorted(map(str, elsewhere))

    def check_sound(self, before: list[dict[str, Any]]) -> None:
        """The database is whole, with nothing half-written in it, and the next run is recorded after `before`."""
        connection = sqlite3.connect(self.database)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("SELECT count(*) FROM job WHERE NOT visible").fetchone() == (0,)
        connection.close()
        for unfinished in self.spool.glob(".new-*"):
            os.utime(unfinished, (0, 0))  # its maker has been killed; one that is young may still be made
        again = self.job("echo again > again")
        assert (again.status, again.stdout, again.stderr) == (0, "", "")
        after = self.log()
        assert (after[1:], after[0]["status"]) == (before, "ok")
        assert self.waiting() == []


@dataclass(frozen=True, slots=True)
class Call:
    """A system call of a run: the `occurrence`-th of its `name`."""

    name: str
    occurrence: int

    @property
    def kill(self) -> tuple[str, str]:
        """The option of strace that kills the process when it makes this call (strace counts each name apart)."""
        return "-e", f"inject={self.name}:signal=KILL:when={self.occurrence}"


def read_calls(log: Path) -> tuple[list[Call], int]:
    """Returns the calls that strace has logged, and how many of them come before the first that is about the spool."""
    calls: list[Call] = []
    counts: Counter[str] = Counter()
    first = 0
    for line in log.read_text(errors="replace").splitlines():
        name, bracket, _ = line.partition("(")
        if bracket and name.isidentifier():
            if not first and "/spool" in line:
                first = len(calls)
            counts[name] += 1
            calls.append(Call(name, counts[name]))
    return calls, first


def spread(calls: Sequence[Call], points: int) -> list[Call]:
    """Returns so many of the calls, evenly spread, the last one among them."""
    return list(dict.fromkeys(calls[-1 - (len(calls) - 1) * i // points] for i in range(points)))


def need(program: str, package: str) -> str:
    """Returns where a program is; skips the test where it is not."""
    import pytest

    found = shutil.which(program)
    if found is None:
        pytest.skip(f"needs {program} (Debian package {package})")
    return found


def killed_at(call: Call, command: Sequence[str]) -> list[str]:
    """Returns `command` under strace, which kills its first process at that call."""
    return ["strace", "-o", "/dev/null", *call.kill, *command]
