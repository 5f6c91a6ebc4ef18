"""Which bytes a job read and which it left: digests where they can be known, the reason where they can't.

Promise 2 of ARCHITECTURE.md lives here. A file whose identity is still the one that the tracer saw holds the same
bytes; what the job itself destroyed was digested by the tracer before; what is known of an identity may be in the
digest cache. Anything else is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from roar_core.capture.file_line import FileLine
from roar_core.store.records import PENDING, Identity, make_tuple

Digests = Mapping[str, bytes]
NO_DIGESTS: Digests = {}


class Content(NamedTuple):
    """Digests of a file's bytes with their size, or the reason why there are none.

    With the reason `PENDING`, `identity` is what the file must still be when it is digested.
    """

    digests: Digests
    size: int | None
    reason: str | None = None
    identity: Identity | None = None


class Wanted(NamedTuple):
    """A file that is to be digested, unless it no longer has this identity."""

    identity: Identity
    path: str


class Digester(Protocol):
    """Finds digests, by the cache or by reading."""

    def prepare(self, identities: Iterable[Identity], files: Iterable[Wanted]) -> None:
        """Makes `known` quick for many identities, and `digest` for many files; until it is called again."""
        ...

    def known(self, identity: Identity) -> Digests | None:
        """Returns the digests of the bytes that had this identity, if they are remembered."""
        ...

    def digest(self, path: str, identity: Identity) -> Content:
        """Returns the content of `path`, which must still have this identity."""
        ...


def output_content(line: FileLine, digester: Digester) -> Content:
    """Returns what the job left at `line.path`."""
    if line.after is None:
        return Content(NO_DIGESTS, None, "removed after the job had written it")
    return digester.digest(line.path, line.after)


class Moved(NamedTuple):
    """A file that the job renamed without changing it: what it is now called and holds."""

    identity: Identity
    content: Content


def input_content(line: FileLine, digester: Digester, moved: Mapping[str, Moved]) -> Content:
    """Returns what the job read at `line.path`. `moved`: outputs that came about by renaming, by their former paths."""
    if line.before_digest is not None:
        return Content(
            {"blake3": bytes.fromhex(line.before_digest)}, line.before.size if line.before else None
        )
    if line.before is None:
        return Content(NO_DIGESTS, None, "not there when the job first opened it")
    known = digester.known(line.before)
    if known:
        return make_tuple(Content, (known, line.before.size, None, None))
    if is_unchanged(line):
        return digester.digest(line.path, line.before)
    now = moved.get(line.path)
    if now is not None and _same_bytes(line.before, now.identity):
        return now.content
    return Content(NO_DIGESTS, line.before.size, _why_unknown(line))


def is_unchanged(line: FileLine) -> bool:
    """Returns whether what the job read is still there to be digested."""
    return line.before is not None and line.before_digest is None and line.after == line.before


def pending(identity: Identity) -> Content:
    """Returns the content of a file that is to be digested by a later command."""
    return Content(NO_DIGESTS, identity.size, PENDING, identity)


def _same_bytes(before: Identity, after: Identity) -> bool:
    """Renaming changes ctime alone."""
    return (before.device, before.inode, before.size, before.mtime_ns) == (
        after.device,
        after.inode,
        after.size,
        after.mtime_ns,
    )


def _why_unknown(line: FileLine) -> str:
    if line.written:
        return "overwritten by the job before it could be digested"
    if line.fate == "removed":
        return "removed before it could be digested"
    if line.fate == "replaced":
        return "replaced before it could be digested"
    return "changed by another process while the job ran"
