"""What `git status --porcelain=v2 --branch -z` says (git-status(1), "Porcelain Format Version 2")."""

from __future__ import annotations

import os
from typing import NamedTuple


class WorkTree(NamedTuple):
    """A work tree. Paths are relative to its root; an untracked folder ends with `/`."""

    commit: str | None
    branch: str | None
    changed: tuple[str, ...]
    untracked: tuple[str, ...]


def parse_status(text: bytes) -> WorkTree:
    """Returns the work tree that the text describes. Of a text that was cut off, as much as is there."""
    commit: str | None = None
    branch: str | None = None
    changed: list[str] = []
    untracked: list[str] = []
    lines = iter(os.fsdecode(text).split("\0")[:-1])
    for line in lines:
        kind, _, rest = line.partition(" ")
        if kind == "#":
            key, _, value = rest.partition(" ")
            if key == "branch.oid" and value != "(initial)":
                commit = value
            elif key == "branch.head" and value != "(detached)":
                branch = value
        elif kind == "?":
            untracked.append(rest)
        elif kind in _FIELDS_BEFORE_PATH:
            changed.append(rest.split(" ", _FIELDS_BEFORE_PATH[kind])[-1])
            if kind == "2":
                changed.append(next(lines, ""))  # where it was renamed from
    return WorkTree(commit, branch, tuple(changed), tuple(untracked))


_FIELDS_BEFORE_PATH = {"1": 7, "2": 8, "u": 9}
