"""Which host writes a database that lies on a network file system: locks between hosts can't be relied on."""

from __future__ import annotations

import os
import platform
import shlex
from pathlib import Path

from roar_core.errors import StoreReadOnly
from roar_core.store.failures import translate_os_error
from roar_core.store.filesystem import is_network


def require_writer_host(directory: Path) -> None:
    """Returns where this host may write the database in `directory` (`.roar`); the first that does is the one.

    Raises `StoreReadOnly` on another host: its runs wait in the spool until the writing host's next command.
    """
    if not is_network(directory):
        return
    mark = directory / "writer-host"
    here = platform.node()
    try:
        host = mark.read_text("utf-8").strip()
    except FileNotFoundError:
        host = _claim(mark, here)
    except OSError as error:
        raise translate_os_error(error, mark) from error
    if host != here:
        raise StoreReadOnly(
            f"database on a network file system is written from another host: `{host}`",
            f"run `roar status` there, or let this host write from now on: rm {shlex.quote(str(mark))}",
        )


def _claim(mark: Path, here: str) -> str:
    """Returns the host that has it: O_EXCL is atomic on NFS since version 3 (open(2))."""
    try:
        descriptor = os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return mark.read_text("utf-8").strip()
    except OSError as error:
        raise translate_os_error(error, mark) from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(here)
    return here
