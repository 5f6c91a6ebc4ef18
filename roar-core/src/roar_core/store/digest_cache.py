"""Digests of files by what the file system says of them: the table behind `roar_core.hashing.cache`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from roar_core.store.batches import insert_rows, rows_where_in
from roar_core.store.text import signed, unsigned
from roar_core.store.transactions import write_transaction

_ROWS_AT_ONCE = 10_000
_FIND = (
    "SELECT inode, size, mtime_ns, ctime_ns, value FROM digest_cache"
    " WHERE filesystem = ? AND algorithm = ? AND inode IN"
)


class CacheKey(NamedTuple):
    """One file as its file system knows it; `filesystem` is a UUID, or the device number where there is none."""

    filesystem: str
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int


State = tuple[int, int, int, int]


class CacheTable:
    """The table of digests. It only saves work, so a database that can't be used is a miss, not an error."""

    def __init__(self, connection: sqlite3.Connection, busy_seconds: float = 2.0) -> None:
        self._connection = connection
        self._busy_seconds = busy_seconds

    def find(
        self, filesystem: str, states: Iterable[State], algorithms: Iterable[str]
    ) -> dict[State, dict[str, bytes]]:
        """Returns what is known of files in one file system, given as cache keys without it; nothing of misses."""
        stored = sorted({signed(state[0]) for state in states})
        known: dict[State, dict[str, bytes]] = {}
        with suppress(sqlite3.Error):
            for algorithm in algorithms:
                rows = rows_where_in(self._connection, _FIND, (filesystem, algorithm), stored)
                if not known:
                    known = {row[:4]: {algorithm: row[4]} for row in rows}
                    continue
                for row in rows:
                    known.setdefault(row[:4], {})[algorithm] = row[4]
        if stored and stored[0] < 0:
            known = {(unsigned(state[0]), *state[1:]): digests for state, digests in known.items()}
        return known

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
        insert_rows(
            self._connection,
            "INSERT OR REPLACE INTO digest_cache (filesystem, inode, algorithm, size, mtime_ns, ctime_ns, value)",
            "(?, ?, ?, ?, ?, ?, ?)",
            (
                (filesystem, signed(inode), algorithm, size, mtime_ns, ctime_ns, bytearray(value))
                for (filesystem, inode, size, mtime_ns, ctime_ns), digests in rows
                for algorithm, value in digests.items()
            ),
        )
