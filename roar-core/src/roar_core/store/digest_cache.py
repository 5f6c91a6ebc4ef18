"""Digests of files by what the file system says of them: the table behind `roar_core.hashing.cache`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from roar_core.store.batches import rows_where_in
from roar_core.store.text import signed, unsigned
from roar_core.store.transactions import write_transaction

_ROWS_AT_ONCE = 10_000


class CacheKey(NamedTuple):
    """One file as its file system knows it; `filesystem` is a UUID, or the device number where there is none."""

    filesystem: str
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int


class CacheTable:
    """The table of digests. It only saves work, so a database that can't be used is a miss, not an error."""

    def __init__(self, connection: sqlite3.Connection, busy_seconds: float = 2.0) -> None:
        self._connection = connection
        self._busy_seconds = busy_seconds

    def get_many(self, keys: Sequence[CacheKey], algorithms: Iterable[str]) -> list[dict[str, bytes]]:
        """Returns the known digests of each key among `algorithms`, `{}` for a miss, in the order of `keys`."""
        inodes: dict[str, set[int]] = {}
        for filesystem, inode, *_ in keys:
            inodes.setdefault(filesystem, set()).add(signed(inode))
        known: dict[tuple[str, int, int, int, int], dict[str, bytes]] = {}  # a tuple is as good as a key
        with suppress(sqlite3.Error):
            for algorithm in algorithms:
                for filesystem, of_filesystem in inodes.items():
                    rows = self._rows_of(filesystem, algorithm, sorted(of_filesystem))
                    for inode, size, mtime_ns, ctime_ns, value in rows:
                        number = inode if inode >= 0 else unsigned(inode)
                        state = filesystem, number, size, mtime_ns, ctime_ns
                        known.setdefault(state, {})[algorithm] = value
        return [known.get(key, {}) for key in keys]

    def _rows_of(self, filesystem: str, algorithm: str, inodes: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        select = (
            "SELECT inode, size, mtime_ns, ctime_ns, value FROM digest_cache"
            " WHERE filesystem = ? AND algorithm = ? AND inode IN"
        )
        return rows_where_in(self._connection, select, (filesystem, algorithm), inodes)

    def put_many(self, rows: Sequence[tuple[CacheKey, Mapping[str, bytes]]]) -> bool:
        """Remembers digests; what was known of a file's earlier state is forgotten. Returns whether all went in."""
        try:
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                with write_transaction(self._connection, busy_seconds=self._busy_seconds):
                    self._put(rows[start : start + _ROWS_AT_ONCE])
        except sqlite3.Error:
            return False
        return True

    def _put(self, rows: Sequence[tuple[CacheKey, Mapping[str, bytes]]]) -> None:
        self._connection.executemany(
            "INSERT OR REPLACE INTO digest_cache (filesystem, inode, algorithm, size, mtime_ns, ctime_ns, value)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    *(key.filesystem, signed(key.inode), algorithm, key.size, key.mtime_ns, key.ctime_ns),
                    bytearray(value),
                )
                for key, digests in rows
                for algorithm, value in digests.items()
            ],
        )
