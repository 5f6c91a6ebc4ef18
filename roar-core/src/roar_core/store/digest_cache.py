"""Digests of files by what the file system says of them: the table behind `roar_core.hashing.cache`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from roar_core.store.text import signed
from roar_core.store.transactions import write_transaction

_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class CacheKey:
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
        wanted = frozenset(algorithms)
        answer: list[dict[str, bytes]] = []
        with suppress(sqlite3.Error):
            cursor = self._connection.cursor()
            for key in keys:
                rows = cursor.execute(
                    "SELECT algorithm, value FROM digest_cache WHERE filesystem = ? AND inode = ?"
                    " AND size = ? AND mtime_ns = ? AND ctime_ns = ?",
                    (key.filesystem, signed(key.inode), key.size, key.mtime_ns, key.ctime_ns),
                ).fetchall()
                answer.append({algorithm: value for algorithm, value in rows if algorithm in wanted})
        answer.extend({} for _ in range(len(keys) - len(answer)))
        return answer

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
                (key.filesystem, signed(key.inode), algorithm, key.size, key.mtime_ns, key.ctime_ns, value)
                for key, digests in rows
                for algorithm, value in digests.items()
            ],
        )
