"""Whether git leaves `.roar/` alone, and making it so."""

from __future__ import annotations

import os
from pathlib import Path

from roar_core.errors import RoarError, system_reason
from roar_core.project import DIRECTORY_NAME, Project


def repository_root(folder: Path) -> Path | None:
    """Returns the root of the git working tree that a folder lies in, or None. `.git` is a file in worktrees."""
    return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), None)


def is_ignored(project: Project, repository: Path) -> bool:
    """Returns whether git ignores `.roar/`: by git's own word, or without git by the usual lines of .gitignore."""
    import subprocess

    try:
        asked = subprocess.run(
            ["git", "-C", project.root, "check-ignore", "-q", "--no-index", DIRECTORY_NAME + "/"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=20,
        )
        if asked.returncode in (0, 1):
            return asked.returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        pass
    return any(_has_line(folder / ".gitignore") for folder in {repository, project.root})


def add_to_gitignore(project: Project) -> None:
    """Adds a line to the project's .gitignore, which is made if need be. Raises RoarError."""
    path = project.root / ".gitignore"
    try:
        text = path.read_bytes() if path.exists() else b""
        separator = b"" if not text or text.endswith(b"\n") else b"\n"
        with open(path, "ab") as file:
            file.write(separator + os.fsencode(DIRECTORY_NAME) + b"/\n")
    except OSError as error:
        raise RoarError(
            f"cannot write .gitignore: {system_reason(error)}: `{path}`", "roar init -n"
        ) from error


def _has_line(path: Path) -> bool:
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        return False
    return any(line.strip() in (".roar", ".roar/", "/.roar", "/.roar/") for line in lines)
