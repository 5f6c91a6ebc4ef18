"""A long list written in pieces, so that no other process waits long for the write lock."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

from roar_core.store.transactions import POLL_SECONDS, write_transaction

T = TypeVar("T")

_FIRST_SIZE = 2_000
_SMALLEST, _LARGEST = 100, 20_000
_LOCKED_SECONDS = 0.1  # aimed at; twice as long is the limit
_GAP_SECONDS = 2 * POLL_SECONDS


def write_in_chunks(
    connection: sqlite3.Connection, items: Iterable[T], write: Callable[[list[T]], None], busy_seconds: float
) -> None:
    """Calls `write` inside one transaction per chunk; chunks are sized so that each holds the lock for about 0.1 s."""
    iterator = iter(items)
    size = _FIRST_SIZE
    released = float("-inf")
    while chunk := list(islice(iterator, size)):
        # The iterator's own work is a gap, too. Those who wait ask every POLL_SECONDS, so one of them gets its turn.
        time.sleep(max(0.0, _GAP_SECONDS - (time.monotonic() - released)))
        with write_transaction(connection, busy_seconds=busy_seconds):
            began = time.monotonic()
            write(chunk)
        released = time.monotonic()
        growth = min(2.0, _LOCKED_SECONDS / max(released - began, 0.001))
        size = min(_LARGEST, max(_SMALLEST, round(size * growth)))
