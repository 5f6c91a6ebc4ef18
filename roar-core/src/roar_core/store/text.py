"""Text as the database holds it: TEXT where it is UTF-8, a BLOB of the bytes where it is not."""

from __future__ import annotations


def encode_text(text: str) -> str | bytes:
    """Returns what to store for `text`, whose bytes that are not UTF-8 are surrogate escapes."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return encode_bytes(text)
    return text


def encode_bytes(text: str) -> bytes:
    """Returns the bytes of `text`. Lone surrogates that no file name can hold (a damaged report) are kept readable."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def decode_text(value: str | bytes) -> str:
    """Returns the text that `encode_text` was given."""
    return value if isinstance(value, str) else value.decode("utf-8", "surrogateescape")


def signed(number: int) -> int:
    """Returns an unsigned 64-bit number (inode, device) as SQLite can hold it."""
    return number - (1 << 64) if number >= 1 << 63 else number


def unsigned(number: int) -> int:
    """Returns the number that `signed` was given."""
    return number + (1 << 64) if number < 0 else number
