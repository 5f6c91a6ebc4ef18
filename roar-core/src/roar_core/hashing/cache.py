"""The digest cache: what a file's bytes were digested to, as long as its file system says that it is unchanged.

An entry is only made if a later change of the file is sure to show in its timestamps (ARCHITECTURE.md, "Digest cache").
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from roar_core.hashing.filesystem import FilesystemTable
from roar_core.store.digest_cache import CacheKey, State
from roar_core.store.records import Identity

_SECOND = 1_000_000_000
_COARSE_NS = 2 * _SECOND
_LONGEST_WAIT_NS = 100_000_000
_ROWS_AT_ONCE = 20_000
_MOST_UNSAVED = 200_000
_NOTHING: dict[str, bytes] = {}
_NONE: dict[State, dict[str, bytes]] = {}


class Table(Protocol):
    """Where the entries are kept."""

    def find(
        self, filesystem: str, states: Collection[State], algorithms: Sequence[str]
    ) -> dict[State, dict[str, bytes]]:
        """Returns what is known of files in one file system, given as cache keys without it; nothing of misses."""
        ...

    def put_many(self, rows: Sequence[tuple[CacheKey, Mapping[str, bytes]]]) -> bool:
        """Keeps the rows; returns whether it could."""
        ...


class DigestCache:
    """Remembers digests by identity. Without a table, only until it is dropped."""

    def __init__(self, table: Table | None, filesystems: FilesystemTable | None = None) -> None:
        self._table = table
        self._filesystems = filesystems or FilesystemTable()
        self._unsaved: dict[Identity, Mapping[str, bytes]] = {}
        self._looked_up: dict[int, dict[State, dict[str, bytes]]] = {}  # by device

    def look_up(self, identities: Iterable[Identity], algorithms: Sequence[str]) -> int:
        """Asks the table for many identities at once; what it says is at hand until the next call.

        Returns how many digests it does not know.
        """
        self._looked_up = {}
        states: dict[int, set[State]] = {}
        for identity in identities:
            states.setdefault(identity[0], set()).add(identity[1:])
        unknown = 0
        for device, of_device in states.items():
            found = self._find(device, of_device, algorithms)
            unknown += len(of_device) * len(algorithms) - sum(map(len, found.values()))
            found.update(dict.fromkeys(of_device - found.keys(), _NOTHING))
            self._looked_up[device] = found
        return unknown

    def found(self, identity: Identity) -> Mapping[str, bytes]:
        """Returns what the last `look_up` found of an identity."""
        return self._looked_up.get(identity[0], _NONE).get(identity[1:], _NOTHING)

    def lookup(self, identity: Identity, algorithms: Sequence[str]) -> Mapping[str, bytes] | None:
        """Returns the digests of the bytes that had this identity, or None unless all the algorithms are known."""
        device, state = identity[0], identity[1:]
        known: Mapping[str, bytes] | None = self._looked_up.get(device, _NONE).get(state)
        if known is None:
            known = self._find(device, (state,), algorithms).get(state)
        if self._unsaved and (unsaved := self._unsaved.get(identity)):
            known = {**known, **unsaved} if known else unsaved
        if not known:
            return None
        for name in algorithms:
            if name not in known:
                return None
        return known

    def remember(self, identity: Identity, digests: Mapping[str, bytes], begun_ns: int) -> bool:
        """Makes an entry for a file digested from `begun_ns` on; returns False where that would not be safe."""
        if identity.ctime_ns >= begun_ns - self._step(identity):
            return False
        if len(self._unsaved) < _MOST_UNSAVED:
            self._unsaved[identity] = digests
        if self._table is not None and len(self._unsaved) % _ROWS_AT_ONCE == 0:
            self.flush()
        return True

    def wait_for_step(self, identity: Identity, now_ns: int) -> float:
        """Returns the seconds after which digesting this file makes an entry.

        0 where that is now, and where it is too long to wait for: the file is digested again by a later command.
        """
        ready_ns = identity.ctime_ns + self._step(identity) + 1
        wait_ns = ready_ns - now_ns
        return wait_ns / _SECOND if 0 < wait_ns <= _LONGEST_WAIT_NS else 0.0

    def flush(self) -> None:
        """Hands the new entries to the table; those that it can't take now are kept for the next time."""
        if self._table is not None and self._unsaved:
            rows = [(self._key(identity), digests) for identity, digests in self._unsaved.items()]
            if self._table.put_many(rows):
                self._unsaved.clear()

    def _find(
        self, device: int, states: Collection[State], algorithms: Sequence[str]
    ) -> dict[State, dict[str, bytes]]:
        if self._table is None:
            return {}
        return self._table.find(self._filesystems[device].key, states, algorithms)

    def _key(self, identity: Identity) -> CacheKey:
        filesystem = self._filesystems[identity.device].key
        return CacheKey(filesystem, identity.inode, identity.size, identity.mtime_ns, identity.ctime_ns)

    def _step(self, identity: Identity) -> int:
        step = self._filesystems[identity.device].timestamp_step_ns
        # Whole seconds: the file system keeps no finer ones (ext4 with inodes of 128 bytes), whatever its kind.
        return _COARSE_NS if identity.ctime_ns % _SECOND == 0 else step
