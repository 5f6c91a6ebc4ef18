"""A user with a home and a project, whose every `roar` is a process of its own, and what its answers are asked."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROAR = [sys.executable, "-m", "roar_core"]
READING = (("log",), ("show",), ("show", "@1"), ("dag",), ("status",))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a `roar` left behind. Bytes that are not UTF-8 are surrogates."""

    status: int
    stdout: str
    stderr: str

    @property
    def message(self) -> str:
        """What the one error line says."""
        return self._error[0]

    @property
    def hint(self) -> str:
        """What is to be done about it."""
        return self._error[1]

    @property
    def notes(self) -> list[str]:
        """The lines of talk, without hints, summary and what the command itself said."""
        lines = [
            line.removeprefix("roar: ") for line in self.stderr.splitlines() if line.startswith("roar: ")
        ]
        return [line for line in lines if not line.startswith("@")]

    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def _error(self) -> tuple[str, str]:
        match = re.fullmatch(r"roar: (?P<message>[^\n]+)\nhint: (?P<hint>[^\n]+)\n", self.stderr)
        assert match, f"not one line and a hint: {self.stderr!r}"
        assert not match["message"][:1].isupper(), match["message"]
        assert not match["message"].endswith("."), match["message"]
        return match["message"], match["hint"]


class User:
    """Works in `project` unless told otherwise. Nothing of the tester's own settings is seen."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.home, self.project, self.site = (top / name for name in ("home", "project", "site"))
        for folder in (self.home, self.project, self.site):
            folder.mkdir()
        foreign = ("ROAR_", "XDG_", "GIT_", "PYTHON", "COLUMNS", "FORCE_COLOR")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        self.environment = {
            **kept,
            "HOME": str(self.home),
            "NO_COLOR": "1",
            "PYTHONPATH": str(self.site),
            "GIT_CONFIG_NOSYSTEM": "1",
        }

    def roar(
        self,
        *arguments: str | bytes,
        status: int | None = 0,
        env: Mapping[str, str | None] | None = None,
        cwd: Path | str | bytes | None = None,
        before: str = "",
        redirect: str = "",
    ) -> Answer:
        """Runs roar, and checks its exit status and that no traceback is seen.

        `before`: shell commands that go before it in the same process. `redirect`: the shell's words after it.
        """
        script = f'{before}\nexec "$@" {redirect}'
        done = subprocess.run(
            ["sh", "-c", script, "sh", *ROAR, *arguments],
            cwd=cwd or self.project,
            env=self.variables(env or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )
        answer = Answer(done.returncode, os.fsdecode(done.stdout), os.fsdecode(done.stderr))
        assert "Traceback" not in answer.stderr, answer.stderr
        assert status in (None, answer.status), f"{arguments}: {answer}"
        return answer

    def is_refused(self, *arguments: str | bytes, status: int, **options: Any) -> Answer:
        """Runs roar, which says one line with a hint, prints nothing, and changes nothing on the disk."""
        before = self.files()
        answer = self.roar(*arguments, status=status, **options)
        assert answer.stdout == ""
        assert answer.message
        assert answer.hint
        assert self.files() == before
        return answer

    def is_refused_in_json(self, *arguments: str | bytes, status: int, **options: Any) -> Mapping[str, str]:
        """Runs roar, whose error is one JSON object on standard error with the same exit status."""
        answer = self.roar(*arguments, "--json", status=status, **options)
        assert answer.stdout == ""
        (error,) = json.loads(answer.stderr).values()
        assert set(error) == {"code", "message", "hint"}
        return error  # type: ignore[no-any-return]  # its keys have just been looked at

    def files(self) -> dict[str, bytes | str]:
        """Everything below home and project but what roar found out about its tracers: content by path."""
        found: dict[str, bytes | str] = {}
        for top in (self.home, self.project):
            for folder, folders, names in os.walk(top):
                if folder == str(self.home / ".cache/roar"):
                    folders.clear()
                    continue
                for name in (*folders, *names):
                    path = os.path.join(folder, name)
                    if os.path.islink(path):
                        found[path] = os.readlink(path)
                    elif os.path.isfile(path) and not name.endswith(("-shm", "-wal")):
                        with open(path, "rb") as file:
                            found[path] = file.read()
        return found

    def variables(self, changes: Mapping[str, str | None]) -> dict[str, str]:
        """The environment with some variables set, or removed where the value is None."""
        return {name: value for name, value in {**self.environment, **changes}.items() if value is not None}

    def shell(self, script: str, cwd: Path | None = None, **changes: str) -> str:
        """Does something that roar does not see."""
        done = subprocess.run(
            ["sh", "-ec", script],
            cwd=cwd or self.project,
            env=self.variables(changes),
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def write(self, name: str, text: str, mode: int = 0o644) -> Path:
        path = self.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def plugin(self, distribution: str, code: str, name: str | None = None) -> None:
        """Installs a distribution with one plugin: a module and its dist-info in a folder on PYTHONPATH."""
        module = f"plugin_of_{distribution.replace('-', '_')}"
        (self.site / f"{module}.py").write_text("from roar_core.plugin import *\n" + textwrap.dedent(code))
        metadata = self.site / f"{distribution.replace('-', '_')}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(f"[roar]\n{name or distribution} = {module}\n")

    def jobs(self) -> Sequence[Mapping[str, Any]]:
        """All recorded jobs, newest first."""
        jobs: Sequence[Mapping[str, Any]] = self.roar("log", "--json").json()
        return jobs

    def last(self) -> Mapping[str, Any]:
        """The newest job with its edges."""
        job: Mapping[str, Any] = self.roar("show", self.jobs()[0]["uid"], "--json").json()
        return job
