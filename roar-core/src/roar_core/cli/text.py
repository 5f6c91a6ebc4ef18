"""Text that is not UTF-8: paths and arguments are bytes to Linux, and go out as they came in."""

from __future__ import annotations

import codecs
import io
from typing import TextIO

# C0, DEL and C1; the line separators of Unicode
_PICTURES = {
    **{code: chr(0x2400 + code) for code in range(0x20)},
    **dict.fromkeys((*range(0x80, 0xA0), 0x2028, 0x2029), "\N{REPLACEMENT CHARACTER}"),
    0x0A: "⏎",
    0x7F: "\N{SYMBOL FOR DELETE}",
}


def let_all_text_through(*streams: TextIO) -> None:
    """Makes streams write escaped bytes as those bytes, and `?` for what the terminal's encoding does not have."""
    codecs.register_error("roar", _encode_anyway)
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="roar")


def one_line(text: str) -> str:
    """Returns the text without what would break the line or command the terminal: such characters as pictures."""
    return text if text.isprintable() else text.translate(_PICTURES)


def readable(text: str) -> str:
    """Returns text that is valid Unicode: bytes that are not UTF-8 become U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return text


def _encode_anyway(error: UnicodeError) -> tuple[bytes | str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    character = error.object[error.start]
    if "\udc80" <= character <= "\udcff":
        return bytes([ord(character) - 0xDC00]), error.start + 1
    return "?", error.start + 1
