"""What the wheels hold, before anything is installed from them."""

from __future__ import annotations

import base64
import hashlib
import re
import stat
import sys
import zipfile
from email import message_from_string
from email.message import Message
from pathlib import Path

import pytest
from elf_file import embedded_libraries, parse_elf
from installation import PACKAGES, TRACER_PACKAGES

OLDEST_GLIBC = (2, 17)
LIBRARIES_INSIDE = {"roar-tracer-preload"}  # loaded into programs of the user
GLIBC_LIBRARIES = {
    *("libc.so.6", "libdl.so.2", "libgcc_s.so.1", "libm.so.6", "libpthread.so.0", "librt.so.1"),
    *("ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"),
}


def wheel(wheels: Path, package: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(find_wheel(wheels, package))


def find_wheel(wheels: Path, package: str) -> Path:
    found = list(wheels.glob(package.replace("-", "_") + "-*.whl"))
    assert found, f"no wheel of {package} in {wheels}"
    return found[0]


def names(wheels: Path, package: str) -> set[str]:
    with wheel(wheels, package) as archive:
        return {name.partition("/")[2] if ".dist-info/" in name else name for name in archive.namelist()}


def metadata(wheels: Path, package: str) -> Message:
    with wheel(wheels, package) as archive:
        file = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_string(archive.read(file).decode())


def test_core_runs_everywhere(wheels: Path) -> None:
    assert next(wheels.glob("roar_core-*.whl")).name.endswith("-py3-none-any.whl")


@pytest.mark.parametrize("package", TRACER_PACKAGES)
def test_tracer_is_for_every_distribution(wheels: Path, package: str) -> None:
    name = find_wheel(wheels, package).name
    assert "-py3-none-" in name
    assert "-linux_" not in name
    version = re.search(r"manylinux_(\d+)_(\d+)_", name)
    assert version, name
    assert (int(version[1]), int(version[2])) <= OLDEST_GLIBC


def test_core_holds_schema_migrations_and_type_mark(wheels: Path) -> None:
    held = names(wheels, "roar-core")
    assert {"roar_core/store/schema.sql", "roar_core/cli/picture/page.html", "roar_core/py.typed"} <= held
    assert any(name.startswith("roar_core/store/migrations/versions/") for name in held)
    assert not any("tests/" in name or name.endswith(".rs") for name in held)


@pytest.mark.parametrize("package", TRACER_PACKAGES)
def test_tracer_holds_a_program_that_needs_nothing(wheels: Path, package: str) -> None:
    with wheel(wheels, package) as archive:
        found = [entry for entry in archive.infolist() if entry.filename.endswith(f"scripts/{package}")]
        assert len(found) == 1
        assert (found[0].external_attr >> 16) & stat.S_IXUSR
        program = parse_elf(archive.read(found[0]))
    assert (program.interpreter, program.needed) == (None, ()), "not static: is there a musl target for Rust?"
    assert program.machine == machine_of(wheels, package)


@pytest.mark.parametrize("package", TRACER_PACKAGES)
def test_libraries_load_into_programs_of_every_distribution(wheels: Path, package: str) -> None:
    with wheel(wheels, package) as archive:
        names = archive.namelist()
        libraries = [parse_elf(archive.read(name)) for name in names if ".so" in Path(name).suffixes]
        for name in names:
            if name.endswith(f"scripts/{package}"):
                libraries += embedded_libraries(archive.read(name))
    assert bool(libraries) == (package in LIBRARIES_INSIDE)
    for library in libraries:
        assert library.machine == machine_of(wheels, package)
        assert max(library.glibc, default=(0, 0)) <= OLDEST_GLIBC
        assert set(library.needed) <= GLIBC_LIBRARIES


def test_needs_of_this_interpreter_are_read() -> None:
    """What the tests of the wheels rely on: a program that is linked dynamically says so."""
    needs = parse_elf(Path(sys.executable).resolve().read_bytes())
    assert "ld-linux" in (needs.interpreter or "")
    assert "libc.so.6" in needs.needed
    assert needs.glibc


def machine_of(wheels: Path, package: str) -> str:
    """The processor that the wheel's name says it is for."""
    name = find_wheel(wheels, package).stem
    return "aarch64" if name.endswith("aarch64") else "x86_64"


@pytest.mark.parametrize("package", TRACER_PACKAGES)
def test_record_has_the_digest_of_the_program(wheels: Path, package: str) -> None:
    """`roar tracer enable` compares with it."""
    with wheel(wheels, package) as archive:
        record = next(name for name in archive.namelist() if name.endswith("/RECORD"))
        (line,) = [
            line for line in archive.read(record).decode().splitlines() if f"scripts/{package}," in line
        ]
        name, digest, size = line.split(",")
        program = archive.read(name)
    expected = base64.urlsafe_b64encode(hashlib.sha256(program).digest()).rstrip(b"=").decode()
    assert (digest, int(size)) == (f"sha256={expected}", len(program))


@pytest.mark.parametrize("package", PACKAGES)
def test_licence_and_supported_versions_are_told(wheels: Path, package: str) -> None:
    told = metadata(wheels, package)
    assert told["License-Expression"] == "Apache-2.0"
    assert told["Requires-Python"] == ">=3.10"
    assert any(name.endswith("LICENSE") for name in names(wheels, package))
