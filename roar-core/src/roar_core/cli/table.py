"""Columns of text that fit the terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache


def columns(
    rows: Sequence[Sequence[str]],
    headings: Sequence[str] = (),
    *,
    width: int = 10_000,
    gap: str = "  ",
    wrapped: bool = False,
) -> str:
    """Returns rows as aligned lines.

    Where a line is wider than `width` columns, its last column is cut with `…`, or goes on below itself if `wrapped`.
    """
    lines = [list(row) for row in ([headings] if headings else [])] + [list(row) for row in rows]
    if not lines:
        return ""
    widths = [max(cells(row[i]) for row in lines if i < len(row)) for i in range(max(map(len, lines)))]
    return "\n".join(_line(row, widths, width, gap, wrapped) for row in lines)


def cells(text: str) -> int:
    """Returns how many columns a text takes on a terminal, without its colours."""
    if text.isascii() and "\x1b" not in text:
        return len(text)
    return sum(map(_cell, _plain(text)))


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


def wrap(text: str, width: int) -> list[str]:
    """Returns the text in lines of at most `width` columns, broken at spaces, in a word only where it is longer."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and cells(lines[-1]) + 1 + cells(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines += [word] if cells(word) <= width else _pieces(word, width)
    return lines


def _pieces(word: str, width: int) -> Iterator[str]:
    begun, used = 0, 0
    plain = _plain(word)
    for at, character in enumerate(plain):
        used += _cell(character)
        if used > width:
            yield plain[begun:at]
            begun, used = at, _cell(character)
    yield plain[begun:]


def _line(row: Sequence[str], widths: Sequence[int], width: int, gap: str, wrapped: bool) -> str:
    filled = "".join(
        text + " " * (size - cells(text)) + gap for text, size in zip(row[:-1], widths, strict=False)
    )
    if not row:
        return ""
    room = max(8, width - cells(filled))
    lines = wrap(row[-1], max(20, room)) if wrapped and cells(row[-1]) > room else [cut(row[-1], room)]
    return f"\n{' ' * cells(filled)}".join([(filled + lines[0]).rstrip(), *lines[1:]])


def _plain(text: str) -> str:
    if "\x1b" not in text:
        return text
    import re

    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@cache
def _cell(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
