"""What a plugin's object must do; `roar_core.testing` has a pytest contract class for each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple, Protocol


class Availability(NamedTuple):
    """Whether a tracer works here; `reason` and `hint` are there where it does not."""

    usable: bool
    version: str | None = None
    reason: str | None = None
    hint: str | None = None


class TraceOptions(NamedTuple):
    """How a job is to be observed. Descriptors are inherited by the tracer under the numbers given here.

    `control` is one end of a socket pair (ARCHITECTURE.md, "The control channel"); None: the tracer stands alone.
    `lock` is a descriptor holding the run's lock; the tracer keeps it until the report is complete. `uid` is what the
    run is called, which the tracer tells the runs inside it. `static_programs`: those that a tracer can't observe in
    its own way may be observed in another. `after`: whose state at the end the report tells, every file's, or that of
    the files alone that the job wrote or removed.
    """

    report: Path
    wait: Literal["all", "command"] = "all"
    control: int | None = None
    lock: int | None = None
    preserve_limit: int = 256 << 20
    keep: Path | None = None
    mode: str = "auto"
    uid: str | None = None
    ignore: tuple[str, ...] = ()
    static_programs: bool = True
    after: Literal["all", "written"] = "all"


class LaunchPlan(NamedTuple):
    """The program to start in place of the command, and variables to add to its environment."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = {}


class PrivilegedProgram(NamedTuple):
    """A tracer's program that ordinary users can use once root has installed a copy of it with capabilities.

    `program` is the one that `distribution` brought, `version` its version; `capabilities` are spelled as
    capabilities(7) does, in lower case. The copy is `roar_core.plugin.binaries.privileged_copy(program.name, version)`.
    """

    distribution: str
    program: Path
    version: str
    capabilities: tuple[str, ...]


class Tracer(Protocol):
    """Observes a command and all its descendants and writes a `roar-trace/1` report.

    Two methods are optional. `blind_spots(traits: Collection[str]) -> Mapping[str, str]` says which of the traits of a
    program (`static`, `go`, `other_libc`, `other_machine`, `set_id`, `protected`) hide it from this tracer here, and
    why; without it, none do. `privileged_program() -> PrivilegedProgram | None` says what `roar tracer enable` is to
    install.
    """

    def probe(self) -> Availability:
        """Returns whether this tracer works here and now; must not raise for a mere 'no'."""
        ...

    def command(self, argv: tuple[str, ...], options: TraceOptions) -> LaunchPlan:
        """Returns what to start so that `argv` runs observed."""
        ...


class HashState(Protocol):
    """A digest in the making."""

    def update(self, data: bytes | memoryview) -> object:
        """Takes in more bytes."""
        ...

    def digest(self) -> bytes:
        """Returns the digest of the bytes so far."""
        ...


class Hasher(Protocol):
    """A digest algorithm."""

    def new(self) -> HashState:
        """Returns a fresh state."""
        ...

    def hash_bytes(self, data: bytes) -> bytes:
        """Returns the digest of bytes in memory (up to 1 MiB, of which there may be a million)."""
        ...

    def hash_file(self, path: bytes | str) -> bytes:
        """Returns the digest of a regular file's bytes. Raises OSError."""
        ...


class Access(NamedTuple):
    """What a job did to one file, as filters see it. Paths are absolute, bytes that are not UTF-8 as surrogates."""

    path: str
    names: tuple[str, ...]
    read: bool
    written: bool


class FilterContext(NamedTuple):
    """What a filter may know of the run. All paths absolute and resolved, without a trailing slash.

    `named`: files that stand in the command's argv. `interpreters`: prefixes of the interpreters that the job ran
    (`/usr`, `/home/me/project/.venv`, a conda environment). `settings` holds the values of all settings.
    """

    project: str
    home: str | None
    cwd: str
    named: frozenset[str]
    interpreters: tuple[str, ...]
    settings: Mapping[str, object]


class AccessFilter(Protocol):
    """Decides which accesses are not worth recording.

    Three attributes are optional. `by_folder = True`: the answer is the same for all accesses with the same
    `os.path.dirname(path)` and the same `written`, so it is asked once for them. `special_names`, a regular expression
    that captures no group: `by_folder` does not hold for files whose whole name it matches. `scope`: what protects a
    file from this filter; `"always"` nothing, `"anywhere"` (the default) standing in the command's arguments,
    `"location"` also being reached through a link in the project, or lying below a folder that stands there.
    """

    def drop_reason(self, access: Access) -> str | None:
        """Returns why this access is dropped (a short stable word such as `system`), or None to keep it."""
        ...

    def keep(self, access: Access) -> bool:
        """Returns whether the access is kept as far as this filter is concerned."""
        return self.drop_reason(access) is None
