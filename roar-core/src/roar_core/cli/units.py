"""Sizes, durations and ages for people."""

from __future__ import annotations

import time


def human_size(size_bytes: int) -> str:
    """Returns a size in binary units: `0 B`, `12 KiB`, `3.4 GiB`."""
    size = float(size_bytes)
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if round(size) < 1024 or unit == "TiB":
            break
        size /= 1024
    return f"{size:.0f} {unit}" if unit == "B" or size >= 10 else f"{size:.1f} {unit}"


def human_duration(seconds: float) -> str:
    """Returns a duration: `12 ms`, `3.4 s`, `5 min 6 s`, `2 h 3 min`, `4 d 5 h`."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for size, unit, smaller, smaller_unit in (
        (86400, "d", 3600, "h"),
        (3600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= size:
            rest = whole % size // smaller
            return f"{whole // size} {unit} {rest} {smaller_unit}" if rest else f"{whole // size} {unit}"
    return f"{whole} s"


def human_age(then_ns: int, now_ns: int | None = None) -> str:
    """Returns how long ago a time was: `just now`, `5 min ago`, `3 d ago`."""
    seconds = ((time.time_ns() if now_ns is None else now_ns) - then_ns) / 1e9
    if seconds < 0.5:
        return "just now" if seconds > -2 else "in the future"
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if round(seconds) >= size:
            return f"{round(seconds) // size} {unit} ago"
    return f"{seconds:.0f} s ago"
