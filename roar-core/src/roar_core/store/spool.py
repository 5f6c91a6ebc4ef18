"""`.roar/spool/<uid>/`: a run that is going on, or that has ended and waits to be taken into the database.

    run.json      what was known before the command started
    report        the tracer's
    record.jsonl  the complete run, where the database could not take it
    lock          held (flock) by the run's roar and its tracer: as long as one of them lives, the run is theirs

An entry appears under its uid complete and locked, and disappears from there in one step: nobody meets half of one.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from roar_core.errors import StoreDamaged
from roar_core.store.failures import translate_os_error

if TYPE_CHECKING:
    from roar_core.store.records import RunRecord

_UNFINISHED = ".new-"
_REMOVED = ".gone-"
_ABANDONED_SECONDS = 60
_NO_LOCKS = (errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL)


class HasSpool(Protocol):
    """A project, or a place outside one that holds a spool for it."""

    @property
    def spool(self) -> Path:
        """Returns the folder of entries."""
        ...


class SpoolEntry(NamedTuple):
    """One directory of the spool. `lock` is the descriptor that holds its lock, close-on-exec; None: not ours."""

    uid: str
    directory: Path
    lock: int | None = None

    @property
    def header(self) -> Path:
        """Returns where what was known at the start is."""
        return self.directory / "run.json"

    @property
    def report(self) -> Path:
        """Returns where the tracer writes."""
        return self.directory / "report"

    @property
    def record(self) -> Path:
        """Returns where the complete run is, if it is there."""
        return self.directory / "record.jsonl"

    @property
    def lock_file(self) -> Path:
        """Returns the file whose lock says that the run is somebody's."""
        return self.directory / "lock"


def create_entry(project: HasSpool, uid: str, header: Mapping[str, object]) -> SpoolEntry:
    """Returns a new entry, locked by this process, with `header` and its uid in run.json.

    A uid that another entry has is drawn again, so read it from the entry. Raises `StoreFull`, `StoreReadOnly`.
    """
    spool = project.spool
    try:
        with suppress(FileExistsError):
            os.mkdir(spool, 0o700)
        hidden = spool / f"{_UNFINISHED}{os.urandom(8).hex()}"
        os.mkdir(hidden, 0o700)
        lock: int | None = None
        try:
            lock = os.open(hidden / "lock", os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            _lock(lock)
            while True:
                _write_header(hidden / "run.json", {**header, "uid": uid})
                if _rename_to(hidden, spool / uid):
                    return SpoolEntry(uid, spool / uid, lock)
                uid = os.urandom(4).hex()
        except BaseException:
            if lock is not None:
                os.close(lock)
            _remove_tree(hidden)
            raise
    except OSError as error:
        raise translate_os_error(error, spool) from error


def read_header(entry: SpoolEntry) -> dict[str, Any]:
    """Returns what `create_entry` was given. Raises `StoreDamaged` where that can't be read."""
    try:
        header: dict[str, Any] = json.loads(entry.header.read_bytes())
    except (OSError, ValueError) as error:
        raise StoreDamaged(f"spool entry is damaged: `{entry.directory}`", "roar doctor") from error
    return header


def write_record(entry: SpoolEntry, run: RunRecord) -> None:
    """Puts the complete run into the entry, on the disk. Its iterables are consumed once."""
    from roar_core.store.record_file import write_record_file

    write_record_file(entry.record, run)


def read_record(entry: SpoolEntry) -> RunRecord:
    """Returns the run that `write_record` was given, read as a stream, as often as needed."""
    from roar_core.store.record_file import read_record_file

    return read_record_file(entry.record)


def list_entries(project: HasSpool) -> tuple[SpoolEntry, ...]:
    """Returns all entries, oldest start first. Costs one look into an empty or missing directory."""
    try:
        with os.scandir(project.spool) as found:
            names = [item.name for item in found if not item.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise translate_os_error(error, project.spool) from error
    entries = [SpoolEntry(name, project.spool / name) for name in names]
    return tuple(sorted(entries, key=lambda entry: (_modified_ns(entry.header), entry.uid)))


def has_anything(project: HasSpool) -> bool:
    """Returns whether there are entries, or what is left of some. Costs one look into the directory."""
    try:
        with os.scandir(project.spool) as found:
            return next(found, None) is not None
    except OSError:
        return False


def is_living(entry: SpoolEntry) -> bool:
    """Returns whether somebody holds the entry's lock. For showing only: to take a run in, `adopt` it."""
    try:
        descriptor = os.open(entry.lock_file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def adopt(entry: SpoolEntry) -> SpoolEntry | None:
    """Returns the entry with its lock held by this process; None if somebody else has it, or has taken it in already.

    Where the file system has no locks, only an entry with a complete record is given out: its run has surely ended, and
    the database takes the same run once.
    """
    descriptor = _open_lock(entry)
    if descriptor is None:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Another one may have removed the entry after this process opened the lock.
        still_there = os.path.samestat(os.fstat(descriptor), os.stat(entry.lock_file))
    except OSError as error:
        still_there = error.errno in _NO_LOCKS and entry.record.exists()
    if not still_there:
        os.close(descriptor)
        return None
    return SpoolEntry(entry.uid, entry.directory, descriptor)


def release(entry: SpoolEntry) -> None:
    """Lets the entry's lock go and leaves the entry for the next command."""
    if entry.lock is not None:
        with suppress(OSError):
            os.close(entry.lock)


def remove_entry(entry: SpoolEntry) -> None:
    """Removes an entry whose run is in the database, and lets its lock go. Raises `StoreReadOnly`."""
    gone = entry.directory.with_name(f"{_REMOVED}{entry.uid}-{os.urandom(4).hex()}")
    try:
        os.rename(entry.directory, gone)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise translate_os_error(error, entry.directory) from error
    finally:
        release(entry)
    _remove_tree(gone)


def remove_leftovers(project: HasSpool) -> None:
    """Removes what killed processes left half-made or half-removed. Costs one look into the directory."""
    with suppress(OSError):
        for name in os.listdir(project.spool):
            hidden = project.spool / name
            if name.startswith(_REMOVED) or (name.startswith(_UNFINISHED) and _is_abandoned(hidden)):
                _remove_tree(hidden)


def _is_abandoned(hidden: Path) -> bool:
    from time import time_ns

    return time_ns() - _modified_ns(hidden) > _ABANDONED_SECONDS * 10**9 and not is_living(
        SpoolEntry("", hidden)
    )


def _write_header(path: Path, header: Mapping[str, object]) -> None:
    body = json.dumps(header, default=str).encode()
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(body)


def _rename_to(hidden: Path, visible: Path) -> bool:
    """Returns whether `hidden` is `visible` now; False: the name is taken, by a directory that is not empty."""
    try:
        os.rename(hidden, visible)
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
            return False
        raise
    return True


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _NO_LOCKS:  # a file system without locks: see `adopt`
            raise


def _open_lock(entry: SpoolEntry) -> int | None:
    for access in (os.O_RDWR, os.O_RDONLY):  # NFS wants a writable descriptor for an exclusive lock
        with suppress(OSError):
            return os.open(entry.lock_file, access | os.O_CLOEXEC)
    return None


def _modified_ns(path: Path) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0


def _remove_tree(directory: Path) -> None:
    with suppress(OSError):
        for name in os.listdir(directory):
            with suppress(OSError):
                os.unlink(directory / name)
        os.rmdir(directory)
