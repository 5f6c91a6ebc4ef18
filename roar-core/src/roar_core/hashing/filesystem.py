"""File systems by device number: what names them, and how far apart two changes must be to show in a timestamp."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_MILLISECOND = 1_000_000
_COARSE_NS = 2_000 * _MILLISECOND
_TICK_NS = 20 * _MILLISECOND

# Since Linux 6.13 these give a change its own timestamp once the one before has been looked at (multigrain timestamps).
_MULTIGRAIN = frozenset(("ext4", "xfs", "btrfs", "tmpfs"))
_MULTIGRAIN_SINCE = (6, 13)
# Local ones that stamp with the kernel's clock of 100 to 1000 ticks per second.
_TICKING = _MULTIGRAIN | frozenset(
    (
        "ext2",
        "ext3",
        "f2fs",
        "zfs",
        "overlay",
        "bcachefs",
        "jfs",
        "reiserfs",
        "nilfs2",
        "ntfs3",
        "ramfs",
        "devtmpfs",
        "rootfs",
    )
)
# Their files carry another device number than their mount.
_OWN_DEVICES = frozenset(("btrfs", "zfs", "overlay"))


class FileSystem(NamedTuple):
    """`key` is the UUID where there is one (with the subvolume, which counts inodes anew), else `dev:major:minor`."""

    key: str
    timestamp_step_ns: int


class FilesystemTable:
    """The mounted file systems, read once. One that is not among them is taken for the least precise kind."""

    def __init__(
        self,
        mountinfo: Path = Path("/proc/self/mountinfo"),
        uuids: Path = Path("/dev/disk/by-uuid"),
        kernel: str | None = None,
    ) -> None:
        self._mountinfo = mountinfo
        self._uuids = uuids
        self._multigrain = _kernel_version(kernel or os.uname().release) >= _MULTIGRAIN_SINCE
        self._known: dict[int, FileSystem] | None = None

    def __getitem__(self, device: int) -> FileSystem:
        """Returns what is known of the file system with this device number (`st_dev`)."""
        known = self._known
        if known is None:
            known = self._known = self._read()
        found = known.get(device)
        if found is None:
            found = known[device] = FileSystem(_device_key(device), _COARSE_NS)
        return found

    def _read(self) -> dict[int, FileSystem]:
        try:
            lines = self._mountinfo.read_bytes().splitlines()
        except OSError:
            return {}
        uuids = _uuids_by_device(self._uuids)
        table: dict[int, FileSystem] = {}
        for line in lines:
            try:
                self._add(line, uuids, table)
            except (ValueError, IndexError):
                continue
        return table

    def _add(self, line: bytes, uuids: Mapping[int, str], table: dict[int, FileSystem]) -> None:
        """Takes in a line: id, parent, major:minor, root, mount point, options, " - ", type, source, super options."""
        left, _, right = line.partition(b" - ")
        fields = left.split(b" ")
        kind, source, options = right.split(b" ", 2)
        major, _, minor = fields[2].partition(b":")
        device = os.makedev(int(major), int(minor))
        name = kind.decode("ascii", "replace")
        mount_point = re.sub(rb"\\(\d{3})", lambda code: bytes([int(code[1], 8)]), fields[4])
        if name in _OWN_DEVICES:
            try:
                device = os.stat(mount_point).st_dev
            except OSError:
                return
        uuid = uuids.get(_device_of(source)) if source.startswith(b"/dev/") else None
        if uuid is not None and name == "btrfs":
            subvolume = re.search(rb"\bsubvolid=(\d+)", options)
            uuid = f"{uuid}/{subvolume[1].decode()}" if subvolume else None
        table[device] = FileSystem(uuid or _device_key(device), self._step(name))

    def _step(self, kind: str) -> int:
        if kind in _MULTIGRAIN and self._multigrain:
            return 0
        return _TICK_NS if kind in _TICKING else _COARSE_NS


def _device_key(device: int) -> str:
    return f"dev:{os.major(device)}:{os.minor(device)}"


def _device_of(source: bytes) -> int:
    try:
        return os.stat(source).st_rdev
    except OSError:
        return 0


def _uuids_by_device(folder: Path) -> dict[int, str]:
    found: dict[int, str] = {}
    try:
        names = os.listdir(folder)
    except OSError:  # a container
        return found
    for name in names:
        try:
            found[os.stat(folder / name).st_rdev] = name
        except OSError:
            continue
    return found


def _kernel_version(release: str) -> tuple[int, int]:
    match = re.match(r"(\d+)\.(\d+)", release)
    return (int(match[1]), int(match[2])) if match else (0, 0)
