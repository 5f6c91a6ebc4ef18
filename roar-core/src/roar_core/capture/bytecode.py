"""The sources of Python modules that a job ran from bytecode, without having opened the source.

Python reads `__pycache__/train.cpython-311.pyc` instead of `train.py` as long as the one's header fits the other
(PEP 3147, PEP 552). So what the job ran is the source: it counts as code that was read.
"""

from __future__ import annotations

import importlib.util
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from roar_core.store.records import Identity

_TAGGED = re.compile(r"^(?P<module>.+)\.(?P<tag>(?:cpython|pypy|graalpy)[\w-]*?)(?:\.opt-\w+)?\.pyc$")
_HEADER_BYTES = 16
_HASHED = 1
_LARGEST_SOURCE = 16 << 20


class CompiledSource(NamedTuple):
    """A source file that stands behind a bytecode file that the job read; `identity` is the source's now."""

    path: str
    bytecode: str
    identity: Identity


def sources_behind(bytecode_files: Iterable[str]) -> tuple[CompiledSource, ...]:
    """Returns the sources that are still what these files were compiled from, each once.

    Costs one short read and one stat per file, and a whole read where the header has a hash instead of a time.
    """
    found: dict[str, CompiledSource] = {}
    mirrors: list[str] = []
    for bytecode in bytecode_files:
        match = _TAGGED.match(os.path.basename(bytecode))
        header = _read_header(bytecode) if match else None
        if match is None or header is None:
            continue
        for path in _possible_sources(bytecode, match["module"] + ".py", mirrors):
            identity = _identity_if_compiled_from(path, header, match["tag"])
            if identity is not None:
                found.setdefault(path, CompiledSource(path, bytecode, identity))
                _learn_mirror(bytecode, path, mirrors)
                break
    return tuple(found.values())


def _possible_sources(bytecode: str, name: str, mirrors: list[str]) -> Iterator[str]:
    """Yields the path beside `__pycache__`, or those below a PYTHONPYCACHEPREFIX, which mirrors the whole file tree."""
    folder = os.path.dirname(bytecode)
    if os.path.basename(folder) == "__pycache__":
        yield os.path.join(os.path.dirname(folder), name)
        return
    for mirror in mirrors:
        if folder.startswith(mirror + "/"):
            yield os.path.join(folder[len(mirror) :], name)
    parts = folder.split("/")
    for skipped in range(2, len(parts)):
        yield os.path.join("/", *parts[skipped:], name)


def _learn_mirror(bytecode: str, source: str, mirrors: list[str]) -> None:
    folder, mirrored = os.path.dirname(bytecode), os.path.dirname(source)
    if os.path.basename(folder) != "__pycache__" and folder.endswith(mirrored):
        mirror = folder[: len(folder) - len(mirrored)]
        if mirror not in mirrors:
            mirrors.append(mirror)


def _read_header(path: str) -> bytes | None:
    try:
        with open(path, "rb", buffering=0) as file:
            header = file.read(_HEADER_BYTES)
    except OSError:
        return None
    return header if header is not None and len(header) == _HEADER_BYTES else None


def _identity_if_compiled_from(path: str, header: bytes, tag: str) -> Identity | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    flags = int.from_bytes(header[4:8], "little")
    if flags & _HASHED:
        same = _has_hash(path, header, tag)
    else:
        stamp = (int(status.st_mtime) & 0xFFFFFFFF, status.st_size & 0xFFFFFFFF)
        same = stamp == (int.from_bytes(header[8:12], "little"), int.from_bytes(header[12:16], "little"))
    if not same:
        return None
    return Identity.of(status)


def _has_hash(path: str, header: bytes, tag: str) -> bool:
    """Returns whether the source has the header's hash; False where another version of Python hashes otherwise."""
    if tag != sys.implementation.cache_tag:
        return False
    try:
        with open(path, "rb") as file:
            return importlib.util.source_hash(file.read(_LARGEST_SOURCE)) == header[8:16]
    except OSError:
        return False
