"""What a check found."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Finding(NamedTuple):
    """One line of `roar doctor`. A `warning` is worth knowing; a `problem` is to be mended, and the hint says how."""

    check: str
    state: Literal["ok", "warning", "problem"]
    text: str
    hint: str | None = None


def ok(check: str, text: str) -> Finding:
    """Returns that all is well."""
    return Finding(check, "ok", text)


def warning(check: str, text: str, hint: str | None) -> Finding:
    """Returns something worth knowing."""
    return Finding(check, "warning", text, hint)


def problem(check: str, text: str, hint: str | None) -> Finding:
    """Returns something that is wrong."""
    return Finding(check, "problem", text, hint)
