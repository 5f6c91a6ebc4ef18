"""Rows looked up or put in many at a time: one statement for hundreds costs a third of hundreds of statements.

What is quick to bind: int, float, str and bytearray. For any other value, bytes, None and bool too, Python's sqlite3
looks for an adapter first, which takes longer than all else that is done with it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

_AT_ONCE = 500  # SQLite before 3.32 takes 999 parameters


def rows_where_in(
    connection: sqlite3.Connection, select: str, fixed: Sequence[Any], values: Sequence[Any], then: str = ""
) -> Iterator[tuple[Any, ...]]:
    """Returns what `select`, which ends in `IN`, finds for the parameters `fixed` and any of `values`.

    `then` ends the statement, which is asked of hundreds of values at a time. Sorted ones are found faster: neighbours
    share a page of the index.
    """
    parts = (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))
    return chain.from_iterable(
        connection.execute(f"{select} ({', '.join('?' * len(part))}) {then}", (*fixed, *part))
        for part in parts
    )


def insert_rows(
    connection: sqlite3.Connection, insert: str, values: str, rows: Iterable[Sequence[Any]], then: str = ""
) -> int:
    """Puts rows in by an `insert` that ends before `VALUES`; returns how many went in.

    `values` has the parameters of one row; `then` ends the statement. Takes half the time of `executemany`.
    """
    at_once = _AT_ONCE // values.count("?")
    iterator = iter(rows)
    made = 0
    while part := list(islice(iterator, at_once)):
        statement = f"{insert} VALUES {', '.join([values] * len(part))} {then}"
        made += connection.execute(statement, [*chain.from_iterable(part)]).rowcount
    return made


def insert_numbers(connection: sqlite3.Connection, insert: str, numbers: Iterable[int]) -> None:
    """Puts each number into the table of one column that `insert`, which ends before `VALUES`, names."""
    in_order = sorted(numbers)  # each goes to the end of the table then
    insert_rows(connection, insert, "(?)", zip(in_order, strict=True))
