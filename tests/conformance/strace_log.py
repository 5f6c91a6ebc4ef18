"""Reads a log of `strace -f -y`: which files were read, written, renamed, executed.

Only for comparison with a tool that everybody knows; nothing of roar depends on it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

READING = "read,readv,pread64,preadv,preadv2"
WRITING = "write,writev,pwrite64,pwritev,pwritev2,ftruncate,fallocate"
OPENING = "open,openat,openat2,creat"
FORKING = "clone,clone3,fork,vfork"
CALLS = ",".join(
    [
        OPENING, READING, WRITING, FORKING, "open_by_handle_at,mmap,mprotect,copy_file_range,sendfile,splice",
        "rename,renameat,renameat2,link,linkat,unlink,unlinkat,truncate,chdir,fchdir,chroot,execve,execveat",
    ]
)  # fmt: skip

DESCRIPTOR = re.compile(r"^(-?\d+|AT_FDCWD)(?:<(.*)>)?(?:\(deleted\))?$", re.S)
NOT_FILES = ("/dev/", "/proc/", "/memfd:")


@dataclass
class Seen:
    """What a log says so far; `folders` is the working directory of each process."""

    folder: str
    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    renames: list[tuple[str, str]] = field(default_factory=list)
    programs: list[str] = field(default_factory=list)
    folders: dict[str, str] = field(default_factory=dict)


def parse(log: bytes, folder: str) -> Seen:
    """What the log of a command that was started in `folder` says of files that are there, or are gone altogether."""
    seen = Seen(folder)
    for process, call, arguments, result, rest in _calls(log.decode("latin-1")):
        seen.folders.setdefault(process, folder)
        if result != "?" and int(result) >= 0:
            _apply(seen, process, call, arguments, result, rest)
    seen.reads = {path for path in seen.reads if _is_or_was_file(path)}
    seen.writes = {path for path in seen.writes if _is_or_was_file(path)}
    return seen


def _calls(text: str) -> list[tuple[str, str, list[str], str, str]]:
    """(process, call, arguments, result, rest) of each line, halves of interrupted calls put together."""
    calls = []
    pending: dict[str, str] = {}
    for line in text.split("\n"):
        found = re.match(r"(\d+) +(.*)$", line, re.S)
        if not found:
            continue
        process, said = found.groups()
        if said.endswith("<unfinished ...>"):
            pending[process] = said[:-16].rstrip()
            continue
        resumed = re.match(r"<\.\.\. \w+ resumed>(.*)$", said, re.S)
        if resumed:
            said = pending.pop(process, "") + resumed.group(1)
        whole = re.match(r"(\w+)\((.*)\) += (-?\d+|\?)(.*)$", said, re.S)
        if whole:
            calls.append((process, whole[1], _split_arguments(whole[2]), whole[3], whole[4]))
    return calls


def _split_arguments(text: str) -> list[str]:
    """The arguments of a call: split at top-level commas, strings, <paths> and groups kept whole."""
    found, depth, current, at = [], 0, "", 0
    while at < len(text):
        character = text[at]
        closing = None
        if character == '"':
            closing = _end_of_string(text, at)
        elif character == "<" and re.search(r"(\d|AT_FDCWD)$", current):
            closing = text.index(">", at)
        if closing is not None:
            current += text[at : closing + 1]
            at = closing + 1
            continue
        depth += (character in "[{(") - (character in ")]}")
        if character == "," and depth == 0:
            found.append(current.strip())
            current = ""
        else:
            current += character
        at += 1
    return [*found, current.strip()]


def _end_of_string(text: str, at: int) -> int:
    at += 1
    while text[at] != '"':
        at += 2 if text[at] == "\\" else 1
    return at


def _apply(seen: Seen, process: str, call: str, arguments: list[str], result: str, rest: str) -> None:
    """Takes one successful call into account."""
    if call in FORKING.split(","):
        seen.folders[result] = seen.folders[process]
    elif call == "chdir":
        seen.folders[process] = os.path.realpath(_named(seen, process, None, arguments[0]))
    elif call == "fchdir":
        seen.folders[process] = _descriptor_path(arguments[0]) or seen.folder
    elif call in ("execve", "execveat"):
        _apply_exec(seen, process, call, arguments)
    elif call in OPENING.split(","):
        path = _file((result + rest).strip())
        creating = call == "creat" or any("O_TRUNC" in word or "O_CREAT" in word for word in arguments)
        if (
            path
            and creating
            and not os.path.isdir(path)
            and not any("O_RDONLY" in word for word in arguments)
        ):
            seen.writes.add(path)
    elif call in READING.split(","):
        _add(seen.reads, arguments[0])
    elif call in WRITING.split(","):
        _add(seen.writes, arguments[0])
    elif call == "mmap" and len(arguments) > 4:
        _add(seen.reads, arguments[4])
        if "MAP_SHARED" in arguments[3] and "PROT_WRITE" in arguments[2]:
            _add(seen.writes, arguments[4])
    elif call in ("copy_file_range", "splice", "sendfile"):
        source, target = (arguments[1], arguments[0]) if call == "sendfile" else (arguments[0], arguments[2])
        _add(seen.reads, source)
        _add(seen.writes, target)
    else:
        _apply_name_call(seen, process, call, arguments)


def _apply_exec(seen: Seen, process: str, call: str, arguments: list[str]) -> None:
    argv = [
        _unquoted(word)
        for word in re.findall(r'"((?:[^"\\]|\\.)*)"', arguments[1 if call == "execve" else 2])
    ]
    if call == "execve":
        argv[:1] = [_unquoted(arguments[0].strip('"'))]
        seen.reads.add(os.path.normpath(_named(seen, process, None, arguments[0])))
    seen.programs += argv[:1]


def _apply_name_call(seen: Seen, process: str, call: str, arguments: list[str]) -> None:
    """Calls that name files without opening them."""
    if call in ("rename", "link"):
        arguments = ["AT_FDCWD", arguments[0], "AT_FDCWD", arguments[1]]
    elif call == "unlink":
        arguments = ["AT_FDCWD", arguments[0]]
    elif call == "truncate":
        seen.writes.add(_resolved(_named(seen, process, None, arguments[0])))
        return
    if call in ("rename", "renameat", "renameat2"):
        old, new = (_resolved(_named(seen, process, arguments[i], arguments[i + 1])) for i in (0, 2))
        if any("EXCHANGE" in word for word in arguments):
            seen.writes ^= {path for path in (old, new) if (old in seen.writes) != (new in seen.writes)}
        else:
            _move(seen, old, new)
    elif call in ("link", "linkat"):
        seen.writes.add(_resolved(_named(seen, process, arguments[2], arguments[3])))
    elif call in ("unlink", "unlinkat"):
        seen.writes.discard(_resolved(_named(seen, process, arguments[0], arguments[1])))


def _move(seen: Seen, old: str, new: str) -> None:
    seen.renames.append((old, new))
    for paths, keep_old in ((seen.reads, True), (seen.writes, False)):
        for path in [path for path in paths if path == old or path.startswith(old + "/")]:
            if not keep_old:
                paths.discard(path)
            paths.add(new + path[len(old) :])


def _unquoted(text: str) -> str:
    return os.fsdecode(text.encode("latin-1", "backslashreplace").decode("unicode_escape").encode("latin-1"))


def _descriptor_path(argument: str) -> str | None:
    found = DESCRIPTOR.match(argument)
    return _unquoted(found[2]) if found and found[2] else None


def _file(argument: str) -> str | None:
    """The path inside `3</path>`; None for pipes, sockets, devices, anonymous and removed files."""
    path = _descriptor_path(argument)
    if path is None or not path.startswith("/") or path.startswith(NOT_FILES) or "(deleted)" in argument:
        return None
    return path


def _add(paths: set[str], argument: str) -> None:
    path = _file(argument)
    if path:
        paths.add(path)


def _named(seen: Seen, process: str, directory: str | None, argument: str) -> str:
    """A name in a call, relative to a directory descriptor or to the process's working directory."""
    name = _unquoted(argument.strip('"'))
    base = (_descriptor_path(directory) if directory else None) or seen.folders[process]
    return os.path.join(base, name) if name else base


def _resolved(path: str) -> str:
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))


def _is_or_was_file(path: str) -> bool:
    return os.path.isfile(path) or not os.path.lexists(path)
