"""Text that is not UTF-8: paths and arguments are bytes to Linux, and go out as they came in."""

from __future__ import annotations

import codecs
import io
from typing import TextIO


def let_all_text_through(*streams: TextIO) -> None:
    """Makes streams write escaped bytes as those bytes, and `?` for what the terminal's encoding does not have."""
    codecs.register_error("roar", _encode_anyway)
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="roar")


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
