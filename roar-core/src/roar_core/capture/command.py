"""The command that is to be run, as the user gave it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Command(NamedTuple):
    """What is to be started. The environment is passed on byte for byte."""

    argv: tuple[str, ...]
    cwd: str
    environment: Mapping[bytes, bytes]


def inherited_environment() -> dict[bytes, bytes]:
    """Returns the variables that this process was started with, in their order.

    Not those of the interpreter: it sets LC_CTYPE where the locale is C (PEP 538), which the job must not see.
    """
    with open("/proc/self/environ", "rb") as environ:
        entries = environ.read().split(b"\0")
    variables: dict[bytes, bytes] = {}
    for entry in entries:
        name, separator, value = entry.partition(b"=")
        if name and separator:
            variables.setdefault(name, value)
    return variables
