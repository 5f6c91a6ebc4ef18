"""The address of a git remote, read from the configuration file: starting a process for it would take longer."""

from __future__ import annotations

import os
import re

_SECTION = re.compile(r'^\s*\[\s*([\w.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]')
_URL = re.compile(r"^\s*url\s*=\s*(.*)$", re.IGNORECASE)
_LARGEST = 1 << 20


def remote_url(folder: str, name: str) -> str | None:
    """Returns the address of the remote of the repository that `folder` lies in, without a password."""
    common = _common_directory(folder)
    if common is None:
        return None
    try:
        with open(os.path.join(common, "config"), encoding="utf-8", errors="surrogateescape") as file:
            text = file.read(_LARGEST)
    except OSError:
        return None
    inside = False
    for line in text.splitlines():
        section = _SECTION.match(line)
        if section:
            inside = section[1].lower() == "remote" and (section[2] or "") == name
            line = line[section.end() :]
        url = _URL.match(line) if inside else None
        if url:
            return without_password(url[1].strip().strip('"'))
    return None


def without_password(url: str) -> str:
    """Returns a URL without the user name and password that it may carry; `ssh://git@host` keeps its user name."""
    match = re.match(r"^([a-z][a-z0-9+.-]*://)([^/@]*)@(.*)$", url, re.IGNORECASE | re.DOTALL)
    if match is None:
        return url
    user, _, password = match[2].partition(":")
    if "ssh" in match[1].lower():
        return f"{match[1]}{user}@{match[3]}" if password else url
    return match[1] + match[3]


def _common_directory(folder: str) -> str | None:
    """Returns the folder that holds the configuration; in a worktree or submodule `.git` is a file that leads to it."""
    while True:
        git = os.path.join(folder, ".git")
        if os.path.isdir(git):
            return git
        if os.path.isfile(git):
            target = _first_line(git).removeprefix("gitdir:").strip()
            directory = os.path.join(folder, target)
            common = _first_line(os.path.join(directory, "commondir"))
            return os.path.join(directory, common) if common else directory
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def _first_line(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.readline(4096).rstrip("\n")
    except OSError:
        return ""
