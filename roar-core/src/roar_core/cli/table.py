"""Columns of text that fit the terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def columns(
    rows: Sequence[Sequence[str]], headings: Sequence[str] = (), *, width: int = 10_000, gap: str = "  "
) -> str:
    """Returns rows as aligned lines; the last column is cut with `…` where a line is wider than `width` columns."""
    lines = [list(row) for row in ([headings] if headings else [])] + [list(row) for row in rows]
    if not lines:
        return ""
    widths = [max(cells(row[i]) for row in lines if i < len(row)) for i in range(max(map(len, lines)))]
    return "\n".join(_line(row, widths, width, gap) for row in lines)


def cells(text: str) -> int:
    """Returns how many columns a text takes on a terminal, without its colours."""
    if text.isascii() and "\x1b" not in text:
        return len(text)
    return sum(_cell(character) for character in _plain(text))


def cut(text: str, width: int) -> str:
    """Returns the text, or as much of it as fits with `…` after it. A cut text loses its colours."""
    if cells(text) <= width:
        return text
    kept, used = "", 1
    for character in _plain(text):
        used += _cell(character)
        if used > width:
            break
        kept += character
    return kept + "…" if width > 0 else ""


def _line(row: Sequence[str], widths: Sequence[int], width: int, gap: str) -> str:
    filled = "".join(
        text + " " * (size - cells(text)) + gap for text, size in zip(row[:-1], widths, strict=False)
    )
    return (filled + cut(row[-1], max(8, width - cells(filled)))).rstrip() if row else ""


def _plain(text: str) -> str:
    import re

    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _cell(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
