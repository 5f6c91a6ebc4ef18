"""Sources that Python ran from bytecode, found with what Python itself compiled."""

from __future__ import annotations

import os
import py_compile
import subprocess
import sys
from pathlib import Path

import pytest
from roar_core.capture.bytecode import sources_behind

HASHED = py_compile.PycInvalidationMode.UNCHECKED_HASH


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "model.py"
    path.write_text("X = 1\n")
    os.utime(path, (1_700_000_000.5, 1_700_000_000.5))
    return path


def compiled(source: Path, **options: object) -> str:
    return str(py_compile.compile(str(source), doraise=True, **options))  # type: ignore[call-overload]  # by name


def test_the_source_beside_the_cache_stands_for_the_bytecode(source: Path) -> None:
    (found,) = sources_behind([compiled(source)])
    status = source.stat()
    assert found.path == str(source)
    assert (found.identity.inode, found.identity.mtime_ns, found.identity.size) == (
        status.st_ino,
        status.st_mtime_ns,
        6,
    )


def test_an_edited_source_does_not(source: Path) -> None:
    bytecode = compiled(source)
    os.utime(source, (1_700_000_009, 1_700_000_009))
    assert sources_behind([bytecode]) == ()


def test_a_source_of_another_size_does_not(source: Path) -> None:
    bytecode = compiled(source)
    status = source.stat()
    source.write_text("X = 100\n")
    os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert sources_behind([bytecode]) == ()


def test_a_hash_in_the_header_is_compared(source: Path) -> None:
    bytecode = compiled(source, invalidation_mode=HASHED)
    os.utime(source, (1_700_000_009, 1_700_000_009))
    assert [found.path for found in sources_behind([bytecode])] == [str(source)]
    source.write_text("X = 2\n")
    assert sources_behind([bytecode]) == ()


def test_optimized_bytecode_stands_for_the_same_source(source: Path) -> None:
    paths = [compiled(source), compiled(source, optimize=2)]
    assert [found.path for found in sources_behind(paths)] == [str(source)]


def test_bytecode_elsewhere_by_pycacheprefix_is_traced_back(source: Path, tmp_path: Path) -> None:
    (source.parent / "deep").mkdir()
    second = source.parent / "deep/second.py"
    second.write_text("import model\n")
    environment = {
        **os.environ,
        "PYTHONPYCACHEPREFIX": str(tmp_path / "cache"),
        "PYTHONPATH": f"{source.parent}:{second.parent}",
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run((sys.executable, "-c", "import second"), env=environment, check=True)
    files = [str(path) for path in (tmp_path / "cache").rglob("*.pyc")]
    assert len(files) >= 2
    assert {str(source), str(second)} <= {found.path for found in sources_behind(files)}


def test_what_is_gone_damaged_or_no_bytecode_is_passed_over(source: Path, tmp_path: Path) -> None:
    bytecode = compiled(source)
    short = tmp_path / "__pycache__/short.cpython-311.pyc"
    short.write_bytes(b"abc")
    (tmp_path / "short.py").touch()
    source.unlink()
    assert (
        sources_behind([bytecode, str(short), "/gone/__pycache__/x.cpython-311.pyc", "/x.nbi", "/y.pyc"])
        == ()
    )
