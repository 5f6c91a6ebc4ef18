"""An environment made from wheels, and a run recorded with what is in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = tuple(sorted(file.parent.name for file in REPOSITORY.glob("roar-*/pyproject.toml")))
TRACER_PACKAGES = tuple(name for name in PACKAGES if name.startswith("roar-tracer-"))


@dataclass(frozen=True, slots=True)
class Installation:
    """A virtual environment in `folder`; its commands find no compiler. `variables` are added to their environment."""

    folder: Path
    programs: Path
    wheels: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def python(self) -> str:
        """Its interpreter."""
        return str(self.folder / "bin" / "python")

    def call(
        self, *command: str, cwd: Path | None = None, status: int = 0
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command with this environment alone on PATH, beside a few plain programs."""
        hidden = ("PYTHONPATH", "VIRTUAL_ENV", "PYENV_VERSION")
        environment = {name: value for name, value in os.environ.items() if name not in hidden}
        environment |= {"PATH": f"{self.folder}/bin:{self.programs}", **self.variables}
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == status, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def roar(self, *arguments: str, cwd: Path, status: int = 0) -> subprocess.CompletedProcess[str]:
        """Runs `python -m roar_core`, which is `roar` wherever the packages were put."""
        return self.call(self.python, "-m", "roar_core", *arguments, cwd=cwd, status=status)


def check_recorded_runs(installation: Installation, project: Path) -> None:
    """Records a run with each tracer that works here; each tracer's program has been found, at least."""
    told: list[dict[str, Any]] = json.loads(
        installation.roar("tracer", "status", "--json", cwd=installation.folder).stdout
    )
    assert {row["name"] for row in told} == {name.rpartition("-")[2] for name in TRACER_PACKAGES}
    assert all(row["version"] for row in told), told  # the program's own answer
    usable = [row["name"] for row in told if row["usable"]]
    assert usable, told
    for tracer in usable:
        check_recorded_run(installation, project, tracer)


def check_recorded_run(installation: Installation, project: Path, tracer: str) -> None:
    """Records a run in a new project and checks what is kept of it."""
    shutil.rmtree(project, ignore_errors=True)
    project.mkdir()
    (project / "in.txt").write_text("some text that is copied\n" * 9)
    installation.roar("init", "-n", cwd=project)
    installation.roar("run", "--tracer", tracer, "sh", "-c", "cat in.txt > out.txt", cwd=project)
    assert (project / "out.txt").read_text() == (project / "in.txt").read_text()
    job: dict[str, Any] = json.loads(installation.roar("show", "@1", "--json", cwd=project).stdout)
    assert job["tracer"] == tracer
    assert job["status"] == "ok"
    assert [edge["path"] for edge in job["inputs"]] == ["in.txt"]
    assert [edge["path"] for edge in job["outputs"]] == ["out.txt"]
    assert job["inputs"][0]["digest"] == job["outputs"][0]["digest"]
