"""File systems as /proc/self/mountinfo names them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from roar_core.hashing.filesystem import FilesystemTable

TICK, COARSE = 20_000_000, 2_000_000_000


def table_of(folder: Path, *lines: str, kernel: str = "6.18.1") -> FilesystemTable:
    mountinfo = folder / "mountinfo"
    mountinfo.write_text("".join(f"{line}\n" for line in lines))
    return FilesystemTable(mountinfo, folder / "by-uuid", kernel)


def mounted(kind: str, device: str = "8:1", source: str = "/dev/none") -> str:
    return f"22 1 {device} / /data rw,relatime shared:1 - {kind} {source} rw"


@pytest.mark.parametrize(
    ("kind", "kernel", "step"),
    [
        ("ext4", "6.13.0", 0),
        ("xfs", "6.18.44-custom", 0),
        ("tmpfs", "7.0", 0),
        ("ext4", "6.12.9-generic", TICK),
        ("tmpfs", "5.10", TICK),
        ("ext3", "6.18.0", TICK),
        ("f2fs", "6.18.0", TICK),
        ("vfat", "6.18.0", COARSE),
        ("exfat", "6.18.0", COARSE),
        ("nfs4", "6.18.0", COARSE),
        ("fuse.sshfs", "6.18.0", COARSE),
        ("something-new", "6.18.0", COARSE),
    ],
)
def test_timestamp_step_is_that_of_the_kind_and_the_kernel(
    tmp_path: Path, kind: str, kernel: str, step: int
) -> None:
    table = table_of(tmp_path, mounted(kind), kernel=kernel)
    assert table[os.makedev(8, 1)].timestamp_step_ns == step


def test_a_file_system_that_is_not_mounted_here_is_of_the_least_precise_kind(tmp_path: Path) -> None:
    found = table_of(tmp_path, mounted("ext4"))[os.makedev(0, 77)]
    assert (found.key, found.timestamp_step_ns) == ("dev:0:77", COARSE)


def test_lines_of_another_form_are_passed_over(tmp_path: Path) -> None:
    table = table_of(tmp_path, "", "nonsense", "1 2 x:y / / rw - ext4 none rw", mounted("ext4"))
    assert table[os.makedev(8, 1)].timestamp_step_ns == 0


def test_key_is_the_uuid_where_a_device_has_one(tmp_path: Path) -> None:
    (tmp_path / "by-uuid").mkdir()
    (tmp_path / "by-uuid/1234-abcd").symlink_to("/dev/null")  # stands in for a disk
    null = os.stat("/dev/null").st_rdev
    device = f"{os.major(null)}:{os.minor(null)}"
    table = table_of(tmp_path, mounted("ext4", device, "/dev/null"), mounted("ext4", "8:2", "/dev/none"))
    assert table[null].key == "1234-abcd"
    assert table[os.makedev(8, 2)].key == "dev:8:2"


def test_this_machine_is_known(tmp_path: Path) -> None:
    found = FilesystemTable()[tmp_path.stat().st_dev]
    assert found.key
    assert found.timestamp_step_ns in (0, TICK, COARSE)


def test_without_proc_everything_is_of_the_least_precise_kind(tmp_path: Path) -> None:
    assert FilesystemTable(tmp_path / "none", tmp_path)[1].timestamp_step_ns == COARSE
