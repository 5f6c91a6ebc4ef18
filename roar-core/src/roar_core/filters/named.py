"""Which files and folders a command's arguments name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

_PROGRAM_FOLDERS = ("bin", "sbin", "libexec", "shims")
# Folders that many programs are told about and that say nothing of what the job is about.
_TOO_WIDE = frozenset(
    ("/usr/local", "/usr/lib", "/usr/share", "/usr/bin", "/usr/local/lib", "/usr/local/bin", "/var/tmp")
)


def named_paths(argv: Sequence[str], cwd: str, executed: Iterable[str] = ()) -> frozenset[str]:
    """Returns the absolute paths that stand in a command's arguments, as they are or behind a `=`.

    `executed`: paths of the programs that ran, links kept. One that lies in a folder for programs is an interpreter or
    a tool that was named by its path, and not meant as a file.
    """
    texts = set(argv)
    texts.update(text.rpartition("=")[2] for text in argv if "=" in text)
    paths = {os.path.normpath(os.path.join(cwd, text)) for text in texts if text and "\0" not in text}
    programs = {path for path in executed if os.path.basename(os.path.dirname(path)) in _PROGRAM_FOLDERS}
    return frozenset(paths - programs - {os.path.realpath(program) for program in programs})


def counts_as_named_folder(path: str, home: str | None) -> bool:
    """Returns whether naming this path makes what lies below it the job's own business."""
    return path.count("/") > 1 and path != home and path not in _TOO_WIDE
