"""What is written about a run: the shapes that capture hands to the store, and that a spool file holds.

Paths are relative to the project root where they lie inside it, absolute otherwise; bytes that are not UTF-8 are kept
as surrogate escapes. Times are nanoseconds since the epoch, UTC. Digests are raw bytes by algorithm name.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

JobKind = Literal["run", "build", "get", "put"]
JobStatus = Literal["ok", "failed", "signalled", "interrupted"]
PENDING = "digest pending"


# Makes a NamedTuple of its values in a third of the time that calling it takes: for what there are millions of.
make_tuple = tuple.__new__


class Identity(NamedTuple):
    """What the file system says of a file: as long as it is the same, so are the bytes."""

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> Identity:
        """Returns the identity of the file that this is the status of."""
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


class InputRecord(NamedTuple):
    """One file that the job read. Without digests, `reason` says why; `PENDING` with `identity`: digested later.

    `removed`: the job took the file away from this path, by removing or renaming it.
    """

    path: str
    digests: Mapping[str, bytes]
    size: int | None
    first_read_ns: int
    role: Literal["data", "code"] = "data"
    reason: str | None = None
    tracked_by_git: bool = False
    identity: Identity | None = None
    removed: bool = False


class OutputRecord(NamedTuple):
    """One file that the job wrote, as it left it. `fate` other than present: there are no bytes to digest."""

    path: str
    digests: Mapping[str, bytes]
    size: int | None
    written_ns: int
    write_kind: Literal["created", "truncated", "replaced", "modified", "appended"]
    created: bool | None
    fate: Literal["present", "removed", "replaced"] = "present"
    reason: str | None = None
    shared: bool = False
    identity: Identity | None = None


class ProcessRecord(NamedTuple):
    """One program image of the job's tree."""

    id: int
    parent: int | None
    pid: int
    exe: str
    argv: tuple[str, ...]
    cwd: str
    started_ns: int
    ended_ns: int | None
    exit_code: int | None
    signal: int | None


class Gap(NamedTuple):
    """Something that the tracer could not see."""

    kind: str
    detail: str
    process: int | None = None


@dataclass(frozen=True, slots=True)
class Drops:
    """Accesses that a filter dropped, counted by reason, with a few of their paths."""

    reason: str
    count: int
    examples: tuple[str, ...] = ()


class GitState(NamedTuple):
    """The repository when the job started. `patch`: `git diff HEAD` of a dirty tree, bounded; None when clean.

    Paths in `untracked` are relative to the repository's root; a folder ends with `/`. `problem` says what could not be
    found out, and why. Without a commit there is none yet, or `problem` says why it is not known.
    """

    commit: str | None
    branch: str | None
    remote: str | None
    dirty: bool
    message: str | None = None
    patch: str | None = None
    untracked: tuple[str, ...] = ()
    problem: str | None = None


class JobRecord(NamedTuple):
    """One started command and how it ended."""

    uid: str
    kind: JobKind
    argv: tuple[str, ...]
    cwd: str
    program: str
    started_ns: int
    ended_ns: int
    status: JobStatus
    exit_code: int | None
    signal: int | None
    tracer: str
    level: Literal["kernel", "libc", "partial", "none"]
    lost_events: int = 0
    name: str | None = None
    rerun_of: int | None = None
    parent_uid: str | None = None
    node: str = ""
    git: GitState | None = None
    environment: Mapping[str, object] = {}
    hardware: Mapping[str, object] = {}
    packages: tuple[Mapping[str, object], ...] = ()
    peak_memory_bytes: int | None = None
    cpu_seconds: float | None = None


class RunRecord(NamedTuple):
    """All that is recorded of a run. The iterables are consumed once: a million files need not be in memory."""

    job: JobRecord
    inputs: Iterable[InputRecord]
    outputs: Iterable[OutputRecord]
    processes: Iterable[ProcessRecord] = ()
    gaps: tuple[Gap, ...] = ()
    drops: tuple[Drops, ...] = ()
