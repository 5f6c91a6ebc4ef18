"""The command that is to be run, as the user gave it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import NamedTuple

from roar_core.errors import RoarError
from roar_core.project import current_directory


class Command(NamedTuple):
    """What is to be started. The environment is passed on byte for byte."""

    argv: tuple[str, ...]
    cwd: str
    environment: Mapping[bytes, bytes]


def inherited_environment() -> dict[bytes, bytes]:
    """Returns the variables that this process was started with, in their order.

    Not those of the interpreter: it sets LC_CTYPE where the locale is C (PEP 538), which the job must not see. On macOS
    nobody else knows them.
    """
    if sys.platform == "darwin":
        return dict(os.environb)
    with open("/proc/self/environ", "rb") as environ:
        entries = environ.read().split(b"\0")
    variables: dict[bytes, bytes] = {}
    for entry in entries:
        name, separator, value = entry.partition(b"=")
        if name and separator:
            variables.setdefault(name, value)
    return variables


def command_in_place(argv: tuple[str, ...], cwd: str | None, variables: Mapping[str, str]) -> Command:
    """Returns the command with this process's environment, to run in `cwd`, where this process goes too, or here.

    `variables` are put into the environment, over those of the same names.

    Raises:
        RoarError: the folder is not there any more.
    """
    environment = inherited_environment()
    environment.update((os.fsencode(name), os.fsencode(value)) for name, value in variables.items())
    if cwd is not None and cwd != current_directory():
        try:
            os.chdir(cwd)
        except OSError as error:
            raise RoarError(
                f"cannot enter the folder of the step: {(error.strerror or '').lower()}: `{cwd}`"
            ) from error
        if b"PWD" in environment:
            environment[b"PWD"] = os.fsencode(cwd)
    return Command(argv, current_directory(), environment)
