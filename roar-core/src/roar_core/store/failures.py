"""SQLite's errors in terms of what a user can do about them."""

from __future__ import annotations

import errno
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from roar_core.errors import StoreBusy, StoreDamaged, StoreError, StoreFull, StoreReadOnly, system_reason

# By message, since Python 3.10 does not tell the error's code. Texts: sqlite3ErrStr() in SQLite's main.c.
_BUSY = ("database is locked", "database table is locked", "locking protocol", "database schema is locked")
_DAMAGED = (
    "file is not a database",
    "malformed",
    "unsupported file format",
    "no such table",
    "no such column",
)
_FULL_ERRNOS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_READ_ONLY_ERRNOS = (errno.EROFS, errno.EACCES, errno.EPERM)


def translate(error: sqlite3.Error, database: Path) -> StoreError:
    """Returns the error to show for what SQLite said about `database`."""
    text = str(error)
    if any(part in text for part in _BUSY):
        return StoreBusy(
            f"database is locked by another process: `{database}`",
            "wait for it, or see who holds it: " + _command("fuser", "-v", str(database)),
        )
    if any(part in text for part in _DAMAGED):
        return damaged(database, text)
    if "disk is full" in text:
        return full(database.parent)
    probed = _probe_writing(database.parent)
    if probed is not None:
        return probed
    if "readonly" in text:
        return StoreReadOnly(
            f"database can't be written: `{database}`",
            "make it writable: " + _command("chmod", "u+w", str(database)),
        )
    if isinstance(error, sqlite3.DatabaseError):
        return StoreError(f"database failed ({text}): `{database}`", "see what is wrong with it: roar doctor")
    return StoreError(f"database was used wrongly ({text}): `{database}`")


def translate_os_error(error: OSError, path: Path) -> StoreError:
    """Returns the error to show for what the system said when `path` (below `.roar`) was to be written or read."""
    if error.errno in _FULL_ERRNOS:
        return full(path)
    if error.errno in _READ_ONLY_ERRNOS:
        return read_only(path)
    return StoreError(
        f"cannot use the store: {system_reason(error)}: `{path}`", _command("ls", "-ld", str(path))
    )


def full(place: Path) -> StoreFull:
    """Returns the error for a file system without space."""
    return StoreFull(f"no space left: `{place}`", "free some space: " + _command("df", "-h", str(place)))


def read_only(place: Path) -> StoreReadOnly:
    """Returns the error for a place that can't be written."""
    return StoreReadOnly(
        f"cannot write: `{place}`", "see who may write there: " + _command("ls", "-ld", str(place))
    )


def damaged(database: Path, detail: str) -> StoreDamaged:
    """Returns the error for a damaged database: once moved aside, the next command starts anew, with the spool."""
    aside = database.parent / "damaged"
    files = shlex.quote(str(database))
    return StoreDamaged(
        f"database is damaged ({detail}): `{database}`",
        f"move it aside, what waits in the spool is kept: mkdir -p {shlex.quote(str(aside))}"
        f" && mv --backup=t {files}* {shlex.quote(str(aside))}/",
    )


@contextmanager
def translated(database: Path) -> Iterator[None]:
    """Raises SQLite's errors inside as `StoreError`s."""
    try:
        yield
    except sqlite3.Error as error:
        raise translate(error, database) from error


def _probe_writing(directory: Path) -> StoreError | None:
    """Returns why `directory` can't be written, by trying: SQLite keeps the errno of a failed write to itself."""
    import tempfile

    try:
        with tempfile.TemporaryFile(dir=directory) as file:
            file.write(bytes(1 << 16))
            file.flush()
    except OSError as error:
        if error.errno in _FULL_ERRNOS + _READ_ONLY_ERRNOS:
            return translate_os_error(error, directory)
    return None


def _command(*words: str) -> str:
    return shlex.join(words)
