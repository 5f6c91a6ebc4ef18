"""Program files made of headers alone."""

from __future__ import annotations

import struct
from collections.abc import Sequence

INTERP, NOTE, LOAD = 3, 4, 1
GO_NOTE = struct.pack("<III", 4, 4, 4) + b"Go\0\0" + b"abcd"
GNU_NOTE = struct.pack("<III", 4, 20, 3) + b"GNU\0" + bytes(20)


def make_elf(wide: bool = True, machine: int = 62, segments: Sequence[tuple[int, bytes]] = ()) -> bytes:
    """The bytes of a program with these segments (type, content) and nothing else."""
    head_size, entry_size = (64, 56) if wide else (52, 32)
    at = head_size + entry_size * len(segments)
    table, contents = b"", b""
    for kind, content in segments:
        start, length = at + len(contents), len(content)
        if wide:
            table += struct.pack("<IIQQQQQQ", kind, 0, start, 0, 0, length, length, 1)
        else:
            table += struct.pack("<IIIIIIII", kind, start, 0, 0, length, length, 0, 1)
        contents += content
    head = b"\x7fELF" + bytes([2 if wide else 1, 1, 1]) + bytes(9)
    addresses = "QQQ" if wide else "III"
    head += struct.pack(f"<HHI{addresses}IHHHHHH", 2, machine, 1, 0, head_size, 0, 0, head_size, entry_size,
                        len(segments), 0, 0, 0)  # fmt: skip
    return head + table + contents
