"""Digests of files by what the file system says of them: the table behind `roar_core.hashing.cache`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from roar_core.store.text import signed
from roar_core.store.transactions import write_transaction

_ROWS_AT_ONCE = 10_000
_INODES_AT_ONCE = 500  # SQLite before 3.32 takes 999 parameters


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
        answer: list[dict[str, bytes]] = [{} for _ in keys]
        wanted = frozenset(algorithms)
        places: dict[str, dict[int, list[int]]] = {}
        for place, key in enumerate(keys):
            places.setdefault(key.filesystem, {}).setdefault(signed(key.inode), []).append(place)
        with suppress(sqlite3.Error):
            for filesystem, by_inode in places.items():
                for inode, algorithm, value, *state in self._rows_of(filesystem, list(by_inode)):
                    for place in by_inode[inode]:
                        key = keys[place]
                        if algorithm in wanted and state == [key.size, key.mtime_ns, key.ctime_ns]:
                            answer[place][algorithm] = value
        return answer

    def _rows_of(self, filesystem: str, inodes: list[int]) -> Iterator[tuple[Any, ...]]:
        inodes.sort()  # neighbours in the index
        for start in range(0, len(inodes), _INODES_AT_ONCE):
            part = inodes[start : start + _INODES_AT_ONCE]
            yield from self._connection.execute(
                "SELECT inode, algorithm, value, size, mtime_ns, ctime_ns FROM digest_cache"
                f" WHERE filesystem = ? AND inode IN ({', '.join('?' * len(part))})",
                (filesystem, *part),
            )

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
