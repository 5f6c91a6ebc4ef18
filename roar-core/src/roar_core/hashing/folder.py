"""The files of a folder, as its tree digest counts them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from roar_core.errors import UsageError, system_reason

# Left out everywhere, as registries do: they say something about the files, and are none of them.
LEFT_OUT = frozenset((".gitattributes", ".gitignore", "README.md", "LICENSE", ".DS_Store"))
_NEVER = frozenset((".git", ".roar"))


def list_folder(folder: str) -> Iterator[str]:
    """Yields the paths of a folder's files from there, in no order. Links are followed where they stay inside.

    Raises UsageError for a name that is not UTF-8, for a link that leads outside, nowhere or round in a circle, and for
    what can't be read.
    """
    top = os.path.realpath(folder)
    waiting: list[tuple[str, str, tuple[str, ...]]] = [(top, "", (top,))]
    while waiting:
        place, prefix, above = waiting.pop()
        try:
            names = os.listdir(place)
        except OSError as error:
            raise UsageError(
                f"cannot read folder: {system_reason(error)}: `{place}`", f"ls -ld {place}"
            ) from error
        for name in names:
            path = prefix + name
            full = os.path.join(place, name)
            status = _status(full, top)
            if stat.S_ISDIR(status.st_mode) and name not in _NEVER:
                real = os.path.realpath(full)
                if real in above:
                    raise UsageError(f"link leads round in a circle: `{full}`", f"ls -l {full}")
                waiting.append((full, path + "/", (*above, real)))
            elif stat.S_ISREG(status.st_mode) and name not in LEFT_OUT:
                _require_utf8(path)
                yield path


def _status(path: str, top: str) -> os.stat_result:
    try:
        if os.path.islink(path) and not f"{os.path.realpath(path)}/".startswith(top + "/"):
            raise UsageError(f"link leads out of the folder: `{path}`", f"ls -l {path}")
        return os.stat(path)
    except OSError as error:
        raise UsageError(f"cannot read file: {system_reason(error)}: `{path}`", f"ls -l {path}") from error


def _require_utf8(path: str) -> None:
    try:
        path.encode()
    except UnicodeEncodeError:
        raise UsageError(f"name of a file is not UTF-8: `{path}`", "rename it") from None
