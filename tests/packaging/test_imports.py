"""What a start of roar imports: nothing heavy before it is needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"alembic", "blake3", "requests", "rich", "sqlalchemy", "tomlkit"}


def imported(*arguments: str, cwd: Path) -> set[str]:
    """The top-level modules that `roar ARGUMENTS` imports."""
    command = [sys.executable, "-X", "importtime", "-m", "roar_core", *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


def test_probe_sees_imports(tmp_path: Path) -> None:
    assert {"click", "roar_core"} <= imported("--help", cwd=tmp_path)


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("run", "--help")])
def test_help_imports_nothing_heavy(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert imported(*arguments, cwd=tmp_path) & (HEAVY | {"sqlite3"}) == set()


@pytest.mark.parametrize("arguments", [("log",), ("dag",), ("status",)])
def test_reading_commands_import_no_orm_and_no_terminal_library(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    subprocess.run(
        [sys.executable, "-m", "roar_core", "init", "-n"], cwd=tmp_path, check=True, capture_output=True
    )
    assert imported(*arguments, cwd=tmp_path) & {"alembic", "requests", "rich", "sqlalchemy"} == set()
