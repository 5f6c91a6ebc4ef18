"""Patterns of `filters.ignore_paths`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

PROJECT = "/home/me/project"


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*.log", f"{PROJECT}/a.log", True),
        ("*.log", f"{PROJECT}/deep/a.log", True),
        ("*.log", "/srv/a.log", True),
        ("*.log", f"{PROJECT}/a.log.csv", False),
        ("logs/**", f"{PROJECT}/logs/x/y", True),
        ("logs/**", f"{PROJECT}/deep/logs/x", False),
        ("logs/", f"{PROJECT}/deep/logs/x", True),
        ("out/*.csv", f"{PROJECT}/out/a.csv", True),
        ("out/*.csv", f"{PROJECT}/out/b/a.csv", False),
        ("**/tmp/*", f"{PROJECT}/a/b/tmp/x", True),
        ("**/tmp/*", f"{PROJECT}/tmp/x", True),
        ("data/raw", f"{PROJECT}/data/raw/deep/x", True),
        ("data/raw", f"{PROJECT}/data/raw2/x", False),
        ("a?c.[ch]", f"{PROJECT}/abc.h", True),
        ("a?c.[!ch]", f"{PROJECT}/abc.h", False),
        ("/srv/cache/**", "/srv/cache/x", True),
        ("~/scratch/**", "/home/me/scratch/x", True),
        ("./out/*", f"{PROJECT}/out/x", True),
        ("[", f"{PROJECT}/[", True),
    ],
)
def test_a_pattern_fits_as_in_a_gitignore(
    judge: Callable[..., str | None], pattern: str, path: str, matches: bool
) -> None:
    reason = judge(path, settings={"filters.ignore_paths": (pattern,)})
    assert reason == ("ignored" if matches else None)


def test_a_pattern_wins_over_what_the_command_names(judge: Callable[..., str | None]) -> None:
    path = f"{PROJECT}/train.log"
    settings = {"filters.ignore_paths": ("*.log",)}
    assert judge(path, written=True, named=frozenset([path]), settings=settings) == "ignored"
