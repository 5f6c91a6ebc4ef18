"""The files that a command would execute, one after the other, and what about each may hide it from a tracer."""

from __future__ import annotations

import os
import platform
import stat
import sys
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from roar_core.capture.elf import Elf, read_elf
from roar_core.errors import CannotExecute, CommandNotFound
from roar_core.lineage.launchers import LAUNCHERS, end_of_launcher

Kind = Literal["program", "script", "unknown"]
# What a tracer may be blind to, in words; tracers say which of these they can't see.
TRAITS: Mapping[str, str] = {
    "static": "it is linked statically",
    "go": "it is made by Go, whose programs make their system calls themselves",
    "other_libc": "it uses another C library than glibc",
    "other_machine": "it is for another processor",
    "set_id": "it gets the privileges of another user or group",
    "protected": "it is protected by the system (SIP)",
    "unreadable": "it cannot be read, so nobody can tell what it is",
}
_MOST_FILES = 16
_SCRIPT_HEAD_BYTES = 256  # BINPRM_BUF_SIZE of Linux
_GLIBC_LOADER = "ld-linux"
_PROTECTED = ("/bin/", "/sbin/", "/usr/", "/System/")


class ProgramFile(NamedTuple):
    """One file. `interpreter`: what it names as its loader, or after `#!`. `traits`: keys of TRAITS."""

    path: str
    kind: Kind
    interpreter: str | None
    traits: tuple[str, ...]


def follow_command(argv: Sequence[str], search: str, cwd: str) -> list[ProgramFile]:
    """Returns the files that starting `argv` executes: scripts, their interpreters, and what launchers launch.

    `search` is PATH. What these programs start in turn is not known. Raises CommandNotFound, CannotExecute.
    """
    files: list[ProgramFile] = []
    words = list(argv)
    while words and len(files) < _MOST_FILES:
        path = _find(words[0], search, cwd)
        if path is None:
            if not files:
                raise CommandNotFound(f"command not found: `{words[0]}`", "roar tracer check -- COMMAND…")
            break
        if not files and not os.access(path, os.X_OK):
            raise CannotExecute(f"cannot execute: permission denied: `{words[0]}`", f"chmod +x {words[0]}")
        file, line = _look_at(path)
        files.append(file)
        words = [*line, path, *words[1:]] if line else _launched(words)
    return files


def _launched(words: Sequence[str]) -> list[str]:
    """The command line that a launcher (`env`, `nice`, `timeout` …) executes; empty for another program."""
    launcher = LAUNCHERS.get(os.path.basename(words[0]))
    if launcher is None:
        return []
    words = [word for word in words if word != "-S"] if os.path.basename(words[0]) == "env" else words
    found = end_of_launcher(launcher, words)
    rest = list(words[found[0] :]) if found is not None and found[1] == "command" else []
    while rest and "=" in rest[0] and not rest[0].startswith(("=", "/", ".")):
        rest.pop(0)  # VARIABLE=value
    return rest


def _find(name: str, search: str, cwd: str) -> str | None:
    """execvp(3): a name without a slash is looked for on PATH."""
    if "/" in name:
        path = os.path.normpath(os.path.join(cwd, name))
        return path if os.path.isfile(path) else None
    candidates = (os.path.join(cwd, folder, name) for folder in search.split(":"))
    return next((path for path in candidates if os.path.isfile(path) and os.access(path, os.X_OK)), None)


def _look_at(path: str) -> tuple[ProgramFile, list[str]]:
    """One file, and the words that the kernel puts before its path where it is a script."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ProgramFile(path, "unknown", None, (*_privileges(path), "unreadable")), []
    try:
        head = os.pread(descriptor, _SCRIPT_HEAD_BYTES, 0)
        elf = read_elf(descriptor)
    finally:
        os.close(descriptor)
    if head.startswith(b"#!"):
        line = os.fsdecode(head[2:].split(b"\n")[0]).strip().split(None, 1)
        return ProgramFile(path, "script", line[0] if line else None, ()), _as_words(line)
    if elf is not None:
        return ProgramFile(path, "program", elf.loader, (*_linking(elf), *_privileges(path))), []
    if sys.platform == "darwin":
        return ProgramFile(path, "program", None, _privileges(path)), []
    return ProgramFile(path, "script", "/bin/sh", ()), ["/bin/sh"]  # execvp(3): of no known format


def _as_words(line: list[str]) -> list[str]:
    """All after the interpreter is one word, which `env -S` takes apart."""
    if len(line) == 2 and os.path.basename(line[0]) == "env":
        return [line[0], *line[1].split()]
    return line


def _linking(elf: Elf) -> tuple[str, ...]:
    facts = {
        "static": elf.loader is None,
        "go": elf.is_go,
        "other_libc": elf.loader is not None and not os.path.basename(elf.loader).startswith(_GLIBC_LOADER),
        "other_machine": elf.machine != platform.machine(),
    }
    return tuple(trait for trait, holds in facts.items() if holds)


def _privileges(path: str) -> tuple[str, ...]:
    if sys.platform == "darwin":
        protected = path.startswith(_PROTECTED) and not path.startswith("/usr/local/")
        return ("protected",) if protected else ()
    state = os.stat(path)
    if os.statvfs(path).f_flag & os.ST_NOSUID:
        return ()
    changes_user = state.st_mode & stat.S_ISUID and state.st_uid != os.geteuid()
    both = stat.S_ISGID | stat.S_IXGRP  # without the second, the first has another meaning
    changes_group = state.st_mode & both == both and state.st_gid != os.getegid()
    return ("set_id",) if changes_user or changes_group or _has_capabilities(path) else ()


def _has_capabilities(path: str) -> bool:
    """Whether the file gives capabilities (capabilities(7)), which root has anyway."""
    try:
        return os.geteuid() != 0 and bool(os.getxattr(path, "security.capability"))
    except OSError:
        return False
