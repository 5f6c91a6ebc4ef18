"""Interpreters by the programs that a job executed."""

from __future__ import annotations

import os
import platform
import sys
import venv
from pathlib import Path

import pytest
from roar_core.capture.interpreters import Interpreter, describe_interpreters, find_interpreters
from roar_core.store.records import ProcessRecord


def found(*executables: str | Path) -> tuple[Interpreter, ...]:
    return find_interpreters(
        ProcessRecord(number, None, number, str(executable), (), "/", 0, 0, 0, None)
        for number, executable in enumerate(executables)
    )


def test_this_python_is_found_with_its_version() -> None:
    real = os.path.realpath(sys.executable)
    (interpreter,) = found(real)
    assert interpreter.version == platform.python_version()
    assert interpreter.prefix == sys.base_prefix
    assert not interpreter.environment


@pytest.mark.parametrize("links", [True, False])
def test_a_virtual_environment_is_followed_by_what_it_was_made_from(tmp_path: Path, links: bool) -> None:
    venv.create(tmp_path / "env", with_pip=False, symlinks=links)
    environment, base = found(tmp_path / "env/bin/python")
    assert (environment.prefix, environment.environment) == (str(tmp_path / "env"), True)
    assert environment.version == base.version == platform.python_version()
    assert base.prefix == sys.base_prefix


def test_a_link_to_an_environments_python_is_followed(tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=False, symlinks=True)
    (tmp_path / "python").symlink_to("env/bin/python")
    assert found(tmp_path / "python")[0].prefix == str(tmp_path / "env")


def test_a_console_script_is_its_interpreter(tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=False, symlinks=True)
    python = tmp_path / "env/bin/python"
    for name, text in (
        ("tool", f"#!{python}\n"),
        ("long", f"#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''\n"),
    ):
        script = tmp_path / "env/bin" / name
        script.write_text(text)
        assert found(script)[0].prefix == str(tmp_path / "env")


def test_what_is_no_interpreter_is_left_out(tmp_path: Path) -> None:
    shim = tmp_path / "shims/python3"
    shim.parent.mkdir()
    shim.write_text("#!/usr/bin/env bash\n")
    assert found(shim, "/bin/sh", tmp_path / "gone/python", "python3", tmp_path) == ()


def test_node_is_found_by_its_modules(tmp_path: Path) -> None:
    (tmp_path / "lib/node_modules").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/node").touch()
    assert [each.kind for each in found(tmp_path / "bin/node")] == ["node"]


def test_each_prefix_is_there_once() -> None:
    assert len(found(sys.executable, sys.executable)) == len(found(sys.executable))


def test_describe_interpreters_gives_the_first_version() -> None:
    described = describe_interpreters(found(sys.executable))
    assert described["python"] == platform.python_version()
    assert describe_interpreters(()) == {}
