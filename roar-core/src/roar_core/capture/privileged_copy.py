"""Commands that install, for root, a copy of a tracer's program with capabilities, or remove it.

Never in place: package caches hard-link files, so a capability would follow into other environments, and whoever can
write the file could use it. The copy is root's, executable by a group, and its bytes are compared after it was made,
when nobody but root can change them any more.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from roar_core.errors import RoarError, system_reason
from roar_core.plugin.binaries import PRIVILEGED_FOLDER, privileged_copy, recorded_sha256
from roar_core.plugin.protocols import PrivilegedProgram

GROUP = "roar"


class SystemCommand(NamedTuple):
    """A command for root to run; `stdin` is what it reads."""

    argv: tuple[str, ...]
    stdin: str = ""


class AlteredProgram(RoarError):
    """The program is not the one that its wheel brought."""


def install_commands(program: PrivilegedProgram, user: str) -> list[SystemCommand]:
    """Returns the commands that make the copy, and put `user` into the group that may run it.

    Raises AlteredProgram where the program's bytes are not
    those of the wheel's RECORD, or nothing says what they should be.
    """
    copy = str(privileged_copy(program.program.name, program.version))
    unfinished = f"{copy}.new"
    digest = _expected_digest(program)
    commands = [
        SystemCommand(("groupadd", "--system", "--force", GROUP)),
        SystemCommand(("install", "-d", "-o", "root", "-g", "root", "-m", "0755", str(PRIVILEGED_FOLDER))),
        SystemCommand(("install", "-o", "root", "-g", GROUP, "-m", "0750", str(program.program), unfinished)),
        SystemCommand(("sha256sum", "--check", "--quiet", "-"), f"{digest}  {unfinished}\n"),
        SystemCommand(("setcap", ",".join(program.capabilities) + "=ep", unfinished)),
        SystemCommand(("mv", "-f", unfinished, copy)),
    ]
    if user != "root":
        commands.append(SystemCommand(("usermod", "-a", "-G", GROUP, user)))
    return commands


def removal_commands(program: PrivilegedProgram) -> list[SystemCommand]:
    """Returns the commands that remove the copies of all versions; none where there are none."""
    name = program.program.name
    copies = sorted(str(path) for path in PRIVILEGED_FOLDER.glob(f"{name}-*"))
    if not copies:
        return []
    empty = ("rmdir", "--ignore-fail-on-non-empty", str(PRIVILEGED_FOLDER))
    return [SystemCommand(("rm", "-f", *copies)), SystemCommand(empty)]


def _expected_digest(program: PrivilegedProgram) -> str:
    again = f"pip install --force-reinstall {program.distribution}"
    expected = recorded_sha256(program.distribution, program.program)
    if expected is None:
        raise AlteredProgram(f"no RECORD says what this program should be: `{program.program}`", again)
    try:
        found = hashlib.sha256(program.program.read_bytes()).hexdigest()
    except OSError as error:
        raise AlteredProgram(
            f"cannot read the program: {system_reason(error)}: `{program.program}`", again
        ) from error
    if found != expected:
        raise AlteredProgram(f"the program is not the one of its wheel: `{program.program}`", again)
    return expected
