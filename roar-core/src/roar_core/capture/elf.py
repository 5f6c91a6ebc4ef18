"""What the headers of a program file say (elf(5)): how it is linked, and whether Go made it."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import NamedTuple

MACHINES = {3: "i386", 40: "arm", 62: "x86_64", 183: "aarch64", 243: "riscv64"}
_PT_INTERP, _PT_NOTE = 3, 4
_GO_BUILD_ID = 4  # the type of the note that Go's linker writes
_MOST_SEGMENTS, _LONGEST_SEGMENT = 64, 4096


class Elf(NamedTuple):
    """One program. `machine` is spelled as `uname -m` does; `loader` is None where it is linked statically."""

    machine: str
    loader: str | None
    is_go: bool


def read_elf(descriptor: int) -> Elf | None:
    """Returns what the headers of an open file say; None where they are not those of a sound ELF file."""
    try:
        head = os.pread(descriptor, 64, 0)
        if not head.startswith(b"\x7fELF") or head[4] not in (1, 2) or head[5] not in (1, 2):
            return None
        order = "<" if head[5] == 1 else ">"
        (machine,) = struct.unpack_from(f"{order}H", head, 18)
        segments = list(_segments(descriptor, head, order))
    except (struct.error, IndexError, OSError, OverflowError):
        return None
    loaders = [text for kind, text in segments if kind == _PT_INTERP]
    loader = os.fsdecode(loaders[0].split(b"\0")[0]) if loaders else None
    is_go = any(_is_go_note(text, order) for kind, text in segments if kind == _PT_NOTE)
    return Elf(MACHINES.get(machine, str(machine)), loader, is_go)


def _segments(descriptor: int, head: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Yields the loader's name and the notes, by their types."""
    wide = head[4] == 2
    table, size, count = struct.unpack_from(
        *(f"{order}Q14xHH", head, 32) if wide else (f"{order}I10xHH", head, 28)
    )
    for index in range(min(count, _MOST_SEGMENTS)):
        entry = os.pread(descriptor, size, table + index * size)
        (kind,) = struct.unpack_from(f"{order}I", entry)
        start, length = (
            struct.unpack_from(f"{order}Q16xQ", entry, 8)
            if wide
            else struct.unpack_from(f"{order}I8xI", entry, 4)
        )
        if kind in (_PT_INTERP, _PT_NOTE):
            yield kind, os.pread(descriptor, min(length, _LONGEST_SEGMENT), start)


def _is_go_note(notes: bytes, order: str) -> bool:
    at = 0
    while at + 12 <= len(notes):
        name_size, text_size, kind = struct.unpack_from(f"{order}III", notes, at)
        name = notes[at + 12 : at + 12 + name_size]
        if name.rstrip(b"\0") == b"Go" and kind == _GO_BUILD_ID:
            return True
        at += 12 + (name_size + 3 & ~3) + (text_size + 3 & ~3)
    return False
