"""What two tracers must agree on of a trace report."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from blake3 import blake3

NOT_FILES = ("/proc/", "/sys/", "/dev/")
# What libc opens by itself, which a tracer of level `libc` stands before and does not see.
OPENED_BY_LIBC = re.compile(
    r"/etc/(ld\.so\.(cache|preload)|locale\.alias|localtime|nsswitch\.conf|host\.conf|resolv\.conf|hosts|gai\.conf"
    r"|passwd|group)$|/usr/(lib|share)/(locale|zoneinfo)/|/usr/lib/[^/]+/(gconv/|libnss_[^/]*$)"
)
# What is said of a file by saying nothing.
LEFT_OUT = {
    "created": False,
    "write_kind": None,
    "fate": "present",
    "before_digest": None,
    "renamed_from": (),
}
LOST_BY_GAP = {"not_held": ("before_digest",)}  # what a gap of that kind may cost, by field


def read_report(report: Path) -> list[dict[str, Any]]:
    """The lines of a report."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in report.read_bytes().splitlines()]
    assert lines[-1]["type"] == "end", "damaged report"
    return lines


def digests_of(folder: Path) -> dict[str, str]:
    """The digests of all files below a folder, by path."""
    return {str(path): blake3(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def comparable(lines: list[dict[str, Any]], folder: Path) -> dict[str, dict[str, object]]:
    """What is said of each file, without times, order, inodes and names that differ from one run to the next.

    Files that the job made and removed again are left out: tools draw their names by chance.
    """
    gaps = {line["kind"] for line in lines if line["type"] == "gap"}
    unknown = {field for gap in gaps for field in LOST_BY_GAP.get(gap, ())}
    return dict(sorted(_files(lines, folder, unknown)))


def gap_kinds(lines: list[dict[str, Any]]) -> set[str]:
    """The kinds of its gaps but for those that LOST_BY_GAP has."""
    return {line["kind"] for line in lines if line["type"] == "gap"} - set(LOST_BY_GAP)


def _files(
    lines: list[dict[str, Any]], folder: Path, unknown: set[str]
) -> Iterator[tuple[str, dict[str, object]]]:
    for line in lines:
        path = _text(line, "path") if line["type"] == "file" else "/proc/"
        line = {**LEFT_OUT, **line}
        if (
            path.startswith(NOT_FILES)
            or OPENED_BY_LIBC.match(path)
            or (line["created"] and line["fate"] != "present")
        ):
            continue
        said: dict[str, object] = {
            key: line[key] for key in ("read", "written", "created", "write_kind", "fate", "before_digest")
        }
        said["existed"] = line["before"] is not None
        # Links in the project matter to lineage; how a loader spells a library does not.
        names = [name for name in line.get("names", ()) if name.startswith(f"{folder}/")]
        said["names"] = sorted(_steady(name) for name in names)
        said["was_renamed"] = bool(line["renamed_from"])
        yield path, {key: value for key, value in said.items() if key not in unknown}


def _steady(name: str) -> str:
    """A name without numbers that are drawn by chance."""
    return re.sub(r"[0-9]{4,}", "N", name)


def _text(line: dict[str, Any], key: str) -> str:
    if f"{key}_bytes" in line:
        return os.fsdecode(base64.b64decode(line[f"{key}_bytes"]))
    return str(line[key])
