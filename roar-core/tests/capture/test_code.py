"""Which inputs are code."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from roar_core.capture.code import find_code
from roar_core.store.records import ProcessRecord


@dataclass
class Read:
    path: str
    names: tuple[str, ...] = ()
    readers: tuple[int, ...] = (1,)


def process(exe: str, *argv: str, cwd: str = "/p") -> ProcessRecord:
    return ProcessRecord(1, None, 1, exe, argv, cwd, 0, 0, 0, None)


PYTHON = process("/usr/bin/python3.11", "python3", "train", "--epochs=3")


@pytest.mark.parametrize(
    ("path", "is_code"),
    [
        *(
            (f"/p/{name}", True)
            for name in ("a.py", "lib/b.R", "main.c", "main.h", "Makefile", "run.sh", "k.cu", "Snakefile")
        ),
        *(
            (f"/p/{name}", False)
            for name in ("a.csv", "params.yaml", "x.ipynb", "a.json", ".py", "py", "main.o", "notes.md")
        ),
        ("/srv/lib/mine.py", True),  # loaded by Python from elsewhere
        ("/srv/lib/main.c", False),
        ("/srv/data/train.csv", False),
        ("/p/train", True),  # the script that Python was started with
    ],
)
def test_code_is_known_by_name_and_reader(path: str, is_code: bool) -> None:
    assert find_code([Read(path)], [PYTHON], "/p") == (frozenset([path]) if is_code else frozenset())


def test_source_elsewhere_that_python_did_not_read_is_data() -> None:
    assert find_code([Read("/srv/a.py")], [process("/usr/bin/wc", "wc", "/srv/a.py")], "/p") == frozenset()


def test_an_executed_script_is_code_and_an_executed_program_is_not(tmp_path: Path) -> None:
    script, program = tmp_path / "prepare", tmp_path / "simulate"
    script.write_text("#!/bin/sh\n")
    shutil.copy("/bin/true", program)
    files = [Read(str(script)), Read(str(program))]
    processes = [process(str(script)), process(str(program))]
    assert find_code(files, processes, str(tmp_path)) == {str(script)}


def test_a_script_reached_through_a_link_is_code(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("echo\n")
    link.symlink_to(real)
    files = [Read(str(real), (str(link),))]
    assert find_code(files, [process("/bin/bash", "bash", "link", cwd=str(tmp_path))], "/other") == {
        str(real)
    }
