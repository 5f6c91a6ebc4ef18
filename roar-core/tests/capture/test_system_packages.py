"""Which Debian packages own the libraries that a job loaded."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from roar_core.capture.dpkg import DpkgIndex
from roar_core.capture.system_packages import SystemPackageCollector

STATUS = """Package: libone
Status: install ok installed
Architecture: amd64
Version: 1:1.0-1

Package: two
Architecture: all
Version: 2.0
"""


@pytest.fixture
def dpkg(tmp_path: Path) -> Path:
    folder = tmp_path / "dpkg"
    (folder / "info").mkdir(parents=True)
    (folder / "status").write_text(STATUS)
    (folder / "info/libone:amd64.list").write_text(
        "/.\n/lib\n/lib/x86_64-linux-gnu/libone.so.1.0\n/usr/share/doc/a.source\n"
    )
    (folder / "info/two.list").write_text("/usr/lib/two/plugin.so")
    (folder / "info/gone.list").write_text("/usr/lib/gone.so\n")
    return folder


def test_an_owner_is_found_on_either_side_of_the_merged_usr(dpkg: Path) -> None:
    index = DpkgIndex(None, str(dpkg))
    assert index.owners(["/usr/lib/x86_64-linux-gnu/libone.so.1.0"]) == {("libone", "1:1.0-1")}
    assert index.owners(["/lib/two/plugin.so", "/usr/lib/x86_64-linux-gnu/libone.so.1.0"]) == {
        ("libone", "1:1.0-1"),
        ("two", "2.0"),
    }
    assert index.owners(["/usr/lib/gone.so", "/usr/lib/none.so"]) == set()


def test_the_index_is_kept_until_dpkg_has_changed(dpkg: Path, tmp_path: Path) -> None:
    index = DpkgIndex(tmp_path / "cache", str(dpkg))
    library = ["/lib/two/plugin.so"]
    assert index.owners(library) == {("two", "2.0")}
    (dpkg / "info/two.list").unlink()
    assert index.owners(library) == {("two", "2.0")}
    (dpkg / "status").write_text(STATUS + "\nPackage: three\nVersion: 3\n")
    assert index.owners(library) == set()


def test_a_cache_that_cannot_be_written_is_no_error(dpkg: Path) -> None:
    assert DpkgIndex(Path("/proc/none"), str(dpkg)).owners(["/lib/two/plugin.so"]) == {("two", "2.0")}


def test_without_dpkg_there_is_no_answer(tmp_path: Path) -> None:
    assert DpkgIndex(None, str(tmp_path)).owners(["/lib/x.so"]) is None


@pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="compares with dpkg: run on Debian")
def test_the_owner_of_the_c_library_is_the_one_that_dpkg_names() -> None:
    with open("/proc/self/maps") as maps:
        library = next(line.split()[-1] for line in maps if "libc.so.6" in line)
    collector = SystemPackageCollector(None)
    collector.add(library)
    collector.add("/etc/hosts")
    found = {str(package["name"]): package["version"] for package in collector.packages()}
    query = ("dpkg-query", "-W", "-f", "${Version}", "libc6")
    version = subprocess.run(query, check=True, capture_output=True, text=True).stdout
    assert found == {"libc6": version}
    assert os.path.exists(library)
