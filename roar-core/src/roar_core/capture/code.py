"""Which of a job's inputs are code (LINEAGE, "What is true now"), and not data.

Code is what an interpreter loaded, an executed script, or, inside the project, a file with the name of source code. A
program made by a compiler is no code in this sense but the result of a build, and so data. The role only marks an
input: a source file that a job wrote has its producer like any other, so that `generate`, `make`, `run` hang together.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from roar_core.capture.source_files import is_python_source, is_source
from roar_core.filters.locations import is_below
from roar_core.store.records import ProcessRecord

_ELF = b"\x7fELF"


class ReadFile(Protocol):
    """What has to be known of a file that was read: resolved path, other spellings, the processes that read it."""

    @property
    def path(self) -> str: ...  # noqa: D102  # said above

    @property
    def names(self) -> Sequence[str]: ...  # noqa: D102  # said above

    @property
    def readers(self) -> Collection[int]: ...  # noqa: D102  # said above


def find_code(files: Iterable[ReadFile], processes: Sequence[ProcessRecord], project: str) -> frozenset[str]:
    """Returns the paths of those files that are code."""
    executed = {process.exe for process in processes}
    arguments = {path for process in processes for path in _script_argument(process)}
    started = executed | arguments
    runs_python = {exe: _runs_python(exe) for exe in executed}
    pythons = frozenset(process.id for process in processes if runs_python[process.exe])
    code = []
    for file in files:
        path = file.path
        if (
            is_source(path)
            and (is_below(path, project) or (is_python_source(path) and not pythons.isdisjoint(file.readers)))
        ) or (
            (path in started or not started.isdisjoint(file.names))
            and (not arguments.isdisjoint((path, *file.names)) or _is_script(path))
        ):
            code.append(path)
    return frozenset(code)


def _script_argument(process: ProcessRecord) -> tuple[str, ...]:
    """Returns the script that an interpreter was started with."""
    from roar_core.lineage.interpreters import interpreter_named, target_of

    interpreter = interpreter_named(os.path.basename(process.exe))
    if interpreter is None or not process.argv:
        return ()
    target = target_of(interpreter, process.argv)
    return (os.path.normpath(os.path.join(process.cwd, target.word)),) if target.form == "script" else ()


def _runs_python(exe: str) -> bool:
    """Returns whether it is Python, or a script that may be one's own (`.venv/bin/pytest`)."""
    return os.path.basename(exe).startswith(("python", "pypy")) or _is_script(exe)


def _is_script(path: str) -> bool:
    """Returns whether an executed file is one that an interpreter reads; by its name where it is gone."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return is_source(path)
    try:
        return os.read(descriptor, len(_ELF)) != _ELF
    except OSError:
        return is_source(path)
    finally:
        os.close(descriptor)
