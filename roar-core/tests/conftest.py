"""roar as a process in an environment of its own, and distributions with plugins for it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

ROAR = [sys.executable, "-m", "roar_core"]
TIMEOUT_SECONDS = 60


@pytest.fixture(autouse=True)
def close_databases(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Closes what a test has opened: from Python 3.13 on, a connection that is dropped unclosed is a warning."""
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def connect_and_note(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*arguments, **options)
        opened.append(connection)
        return connection

    monkeypatch.setattr(sqlite3, "connect", connect_and_note)
    yield
    for connection in opened:
        with suppress(sqlite3.ProgrammingError):  # it belongs to another thread
            connection.close()


class Roar:
    """Runs roar in `folder`, with nothing of the tester's settings."""

    def __init__(self, folder: Path, home: Path, site: Path) -> None:
        self.folder = folder
        self.home = home
        self.site = site
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ROAR_", "XDG_"))}
        self.environment = {**kept, "HOME": str(home), "NO_COLOR": "1", "PYTHONPATH": str(site)}

    def __call__(
        self,
        *arguments: str | bytes,
        status: int | None = 0,
        env: Mapping[str, str | None] | None = None,
        **options: Any,
    ) -> subprocess.CompletedProcess[str]:
        """Returns what roar printed. `status` None: any will do. `env`: variables to set, or to remove (None)."""
        options = {"cwd": self.folder, "stdin": subprocess.DEVNULL, **options}
        done = subprocess.run(
            [*ROAR, *arguments],
            env=self.variables(env or {}),
            capture_output=True,
            text=True,
            errors="surrogateescape",
            timeout=TIMEOUT_SECONDS,
            **options,
        )
        if status is not None:
            assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        if "--debug" not in arguments:
            assert "Traceback" not in done.stderr, done.stderr
        return done

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        """Starts roar and does not wait for it."""
        return subprocess.Popen([*ROAR, *arguments], cwd=self.folder, env=self.environment, **options)

    def variables(self, changes: Mapping[str, str | None]) -> dict[str, str]:
        """Returns the environment with some variables set, or removed where the value is None."""
        merged = {**self.environment, **changes}
        return {name: value for name, value in merged.items() if value is not None}


@pytest.fixture
def roar(tmp_path: Path) -> Roar:
    """A folder that is no project yet."""
    folders = [tmp_path / name for name in ("project", "home", "site")]
    for folder in folders:
        folder.mkdir()
    return Roar(*folders)


@pytest.fixture
def project(roar: Roar) -> Path:
    """The same folder, made a project."""
    roar("init", "-n")
    return roar.folder


@pytest.fixture
def install(roar: Roar) -> Callable[..., None]:
    """Makes a distribution with one plugin that roar finds: `install("my-dist", "mine", code)`."""

    def install(
        distribution: str, name: str, code: str, version: str = "1.0", module: str | None = None
    ) -> None:
        module = module or f"plugin_of_{distribution.replace('-', '_')}"
        (roar.site / f"{module}.py").write_text("from roar_core.plugin import *\n" + textwrap.dedent(code))
        metadata = roar.site / f"{distribution.replace('-', '_')}-{version}.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
        )
        (metadata / "entry_points.txt").write_text(
            f"[console_scripts]\nx = y:z\n\n[roar]\n{name} = {module}\n"
        )

    return install


COMMAND_PLUGIN = """
    import click

    @click.command(epilog="Example: roar mine")
    def command():
        {body}

    @hookimpl
    def roar_register_commands():
        return [CommandSpec("mine", __name__ + ":command", "what a plugin adds", "Mine")]
"""


@pytest.fixture
def install_command(install: Callable[..., None]) -> Callable[[str], None]:
    """Installs a plugin whose command `roar mine` does what it is given, on one line."""
    return lambda body: install("my-dist", "mine", COMMAND_PLUGIN.format(body=body))
