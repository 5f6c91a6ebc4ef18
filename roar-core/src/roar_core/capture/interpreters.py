"""The interpreters that a job ran, found from the programs it executed, without running anything."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from roar_core.store.records import ProcessRecord

_PYTHON = re.compile(r"^(?:python|pypy)\d*(?:\.\d+)?t?(?:-dbg)?$")
_NODE = re.compile(r"^(?:node|nodejs)$")
_LIBRARY = re.compile(r"^(?:python|pypy)(\d+\.\d+)t?$")
_MOST_LINKS = 5


class Interpreter(NamedTuple):
    """An interpreter and the folder that its packages are below. `version` is as exact as could be found out."""

    kind: Literal["python", "node"]
    prefix: str
    executable: str
    version: str | None
    environment: bool = False


def find_interpreters(processes: Iterable[ProcessRecord]) -> tuple[Interpreter, ...]:
    """Returns the interpreters, each prefix once; a virtual environment is followed by the Python it was made from."""
    found: dict[str, Interpreter] = {}
    for executable in dict.fromkeys(process.exe for process in processes):
        for interpreter in _interpreters_of(executable):
            found.setdefault(interpreter.prefix, interpreter)
    return tuple(found.values())


def describe_interpreters(interpreters: Iterable[Interpreter]) -> dict[str, object]:
    """Returns what is recorded of them in a job's environment: the version of the first Python, and all of them."""
    listed = [
        {"kind": each.kind, "version": each.version, "prefix": each.prefix, "environment": each.environment}
        for each in interpreters
    ]
    if not listed:
        return {}
    pythons = [each["version"] for each in listed if each["kind"] == "python" and each["version"]]
    return {**({"python": pythons[0]} if pythons else {}), "interpreters": listed}


def _interpreters_of(executable: str) -> Iterator[Interpreter]:
    name = os.path.basename(executable)
    if not _PYTHON.match(name) and not _NODE.match(name):
        executable = _script_interpreter(executable)  # a console script: `.venv/bin/pytest`
        name = os.path.basename(executable)
    if _PYTHON.match(name):
        yield from _pythons(executable)
    elif _NODE.match(name):
        prefix = os.path.dirname(os.path.dirname(os.path.realpath(executable)))
        if os.path.isdir(os.path.join(prefix, "lib/node_modules")):
            yield Interpreter("node", prefix, executable, None)


def _pythons(executable: str) -> Iterator[Interpreter]:
    """Finds `pyvenv.cfg` beside the executable or one folder up (PEP 405), following its links one by one."""
    for _ in range(_MOST_LINKS):
        folder = os.path.dirname(executable)
        for prefix in (os.path.dirname(folder), folder):
            settings = _read_venv(os.path.join(prefix, "pyvenv.cfg"))
            if settings is not None:
                base = settings.get("home")
                version = settings.get("version") or settings.get("version_info")
                yield Interpreter("python", prefix, executable, _plain_version(version), environment=True)
                if base:
                    yield from _base_python(os.path.join(base, os.path.basename(executable)), version)
                return
        try:
            executable = os.path.normpath(os.path.join(folder, os.readlink(executable)))
        except OSError:
            break
    yield from _base_python(executable, None)


def _base_python(executable: str, version: str | None) -> Iterator[Interpreter]:
    real = os.path.realpath(executable)
    prefix = os.path.dirname(os.path.dirname(real))
    library = _library_version(prefix, os.path.basename(real))
    if library is not None:  # else it is no interpreter but, say, a shim of pyenv
        exact = _plain_version(version) or _exact_version(real, prefix, library)
        yield Interpreter("python", prefix, real, exact)


def _script_interpreter(path: str) -> str:
    """Returns the interpreter in a script's first line, or an empty string."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return ""
    try:
        start = os.read(descriptor, 512)
    except OSError:
        return ""
    finally:
        os.close(descriptor)
    words = start[2:].split(b"\n", 1)[0].split() if start.startswith(b"#!") else []
    if words[:1] == [b"/bin/sh"]:  # pip's way round the length limit: '''exec' "/path" "$0" "$@"
        match = re.search(rb"'''exec' \"?([^\"\n]+?)\"? \"\$0\"", start)
        return os.fsdecode(match[1]) if match else ""
    return os.fsdecode(words[0]) if words else ""


def _read_venv(path: str) -> dict[str, str] | None:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read(1 << 16).splitlines()
    except OSError:
        return None
    pairs = (line.partition("=") for line in lines if "=" in line)
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def _library_version(prefix: str, name: str) -> str | None:
    """Returns `3.11` where the prefix has that library; the one in the executable's name where there are several."""
    versions: set[str] = set()
    for library in ("lib", "lib64"):
        try:
            names = os.listdir(os.path.join(prefix, library))
        except OSError:
            continue
        versions.update(match[1] for match in map(_LIBRARY.match, names) if match)
    named = re.search(r"\d+\.\d+", name)
    if named and named[0] in versions:
        return named[0]
    return max(versions, key=lambda text: tuple(map(int, text.split(".")))) if versions else None


def _exact_version(executable: str, prefix: str, library: str) -> str:
    """Returns `3.11.7` from the name of a folder above, the header, or the executable's own text; else `3.11`."""
    exact = re.compile(rf"(?<![\d.]){re.escape(library)}\.\d+(?:(?:a|b|rc)\d+)?\+?(?![\d.])")
    in_path = exact.search(prefix)
    if in_path:
        return in_path[0]
    for path, most in (
        (os.path.join(prefix, "include", f"python{library}", "patchlevel.h"), 1 << 16),
        (executable, 32 << 20),
    ):
        try:
            with open(path, "rb") as file:
                text = file.read(most)
        except OSError:
            continue
        quoted = re.search(rb'["\0](' + exact.pattern.encode() + rb')["\0]', text)
        if quoted:
            return quoted[1].decode()
    return library


def _plain_version(version: str | None) -> str | None:
    """Returns `3.11.7` of what virtualenv writes as `3.11.7.final.0`."""
    match = re.match(r"\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?", version or "")
    return match[0] if match else None
