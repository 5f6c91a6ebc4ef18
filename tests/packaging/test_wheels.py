"""What the wheels hold, before anything is installed from them."""

from __future__ import annotations

import stat
import zipfile
from email import message_from_string
from email.message import Message
from pathlib import Path

import pytest
from installation import PACKAGES


def wheel(wheels: Path, package: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(next(wheels.glob(package.replace("-", "_") + "-*.whl")))


def names(wheels: Path, package: str) -> set[str]:
    with wheel(wheels, package) as archive:
        return {name.partition("/")[2] if ".dist-info/" in name else name for name in archive.namelist()}


def metadata(wheels: Path, package: str) -> Message:
    with wheel(wheels, package) as archive:
        file = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_string(archive.read(file).decode())


def test_core_runs_everywhere(wheels: Path) -> None:
    assert next(wheels.glob("roar_core-*.whl")).name.endswith("-py3-none-any.whl")


def test_tracer_is_for_every_distribution(wheels: Path) -> None:
    name = next(wheels.glob("roar_tracer_ptrace-*.whl")).name
    assert "-py3-none-" in name
    assert "manylinux" in name
    assert "-linux_" not in name


def test_core_holds_schema_migrations_and_type_mark(wheels: Path) -> None:
    held = names(wheels, "roar-core")
    assert {"roar_core/store/schema.sql", "roar_core/cli/picture/page.html", "roar_core/py.typed"} <= held
    assert any(name.startswith("roar_core/store/migrations/versions/") for name in held)
    assert not any("tests/" in name or name.endswith(".rs") for name in held)


def test_tracer_holds_an_executable_program(wheels: Path) -> None:
    with wheel(wheels, "roar-tracer-ptrace") as archive:
        found = [
            entry for entry in archive.infolist() if entry.filename.endswith("scripts/roar-tracer-ptrace")
        ]
        assert len(found) == 1
        assert (found[0].external_attr >> 16) & stat.S_IXUSR
        assert archive.read(found[0])[:4] == b"\x7fELF"


@pytest.mark.parametrize("package", PACKAGES)
def test_licence_and_supported_versions_are_told(wheels: Path, package: str) -> None:
    told = metadata(wheels, package)
    assert told["License-Expression"] == "Apache-2.0"
    assert told["Requires-Python"] == ">=3.10"
    assert any(name.endswith("LICENSE") for name in names(wheels, package))
