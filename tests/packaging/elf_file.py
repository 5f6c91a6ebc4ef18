"""What a program or library in a wheel needs of the machine that it runs on, read from its headers (elf(5))."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

PT_LOAD, PT_DYNAMIC, PT_INTERP = 1, 2, 3
DT_NEEDED, DT_STRTAB, DT_STRSZ = 1, 5, 10
ET_DYN = 3
MAGIC = b"\x7fELF\2\1\1"  # 64 bits, little-endian
MACHINES = {62: "x86_64", 183: "aarch64"}


@dataclass(frozen=True, slots=True)
class ElfFile:
    """`needed`: libraries by name. `glibc`: the versions of glibc that it asks for, as (major, minor)."""

    machine: str
    interpreter: str | None
    needed: tuple[str, ...]
    glibc: tuple[tuple[int, int], ...]


def embedded_libraries(data: bytes) -> list[ElfFile]:
    """The needs of the shared libraries that a program carries in itself, uncompressed."""
    starts = [match.start() for match in re.finditer(re.escape(MAGIC), data) if match.start()]
    return [parse_elf(data[at:]) for at in starts if struct.unpack_from("<HH", data, at + 16)[0] == ET_DYN]


def parse_elf(data: bytes) -> ElfFile:
    """The needs of a 64-bit little-endian ELF file."""
    assert data.startswith(MAGIC)
    (machine,) = struct.unpack_from("<H", data, 18)
    (table,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    segments = [_segment(data, table + index * size) for index in range(count)]
    texts = [data[start : start + length] for kind, start, _, length in segments if kind == PT_INTERP]
    names, needed = _dynamic(data, segments)
    versions = sorted({(int(a), int(b)) for a, b in re.findall(rb"\0GLIBC_(\d+)\.(\d+)", names)})
    return ElfFile(
        MACHINES.get(machine, str(machine)),
        texts[0].rstrip(b"\0").decode() if texts else None,
        needed,
        tuple(versions),
    )


def _segment(data: bytes, at: int) -> tuple[int, int, int, int]:
    """Type, offset in the file, address, size in the file."""
    kind, _, start, address, _, length = struct.unpack_from("<IIQQQQ", data, at)
    return kind, start, address, length


def _dynamic(data: bytes, segments: list[tuple[int, int, int, int]]) -> tuple[bytes, tuple[str, ...]]:
    """The dynamic string table, which has the versions too, and the libraries named in it."""
    entries = [
        struct.unpack_from("<QQ", data, start + offset)
        for kind, start, _, length in segments
        if kind == PT_DYNAMIC
        for offset in range(0, length, 16)
    ]
    values = dict(entries)
    if DT_STRTAB not in values:
        return b"", ()
    at = next(
        start + values[DT_STRTAB] - address
        for kind, start, address, length in segments
        if kind == PT_LOAD and address <= values[DT_STRTAB] < address + length
    )
    names = data[at : at + values[DT_STRSZ]]
    needed = [names[value:].split(b"\0", 1)[0].decode() for tag, value in entries if tag == DT_NEEDED]
    return b"\0" + names, tuple(needed)
