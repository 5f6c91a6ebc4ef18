"""Rows put in and looked up many at a time."""

from __future__ import annotations

import pytest
from roar_core.store.batches import insert_rows, rows_where_in
from roar_core.store.store import Store


@pytest.fixture
def numbers(store: Store) -> Store:
    store.connection.execute("CREATE TEMP TABLE number (value INTEGER PRIMARY KEY, name TEXT)")
    return store


@pytest.mark.parametrize("count", [0, 1, 249, 250, 251, 2_000])
def test_all_rows_go_in_whatever_their_number(numbers: Store, count: int) -> None:
    rows = [(number, str(number)) for number in range(count)]
    insert = "INSERT INTO number (value, name)"
    assert insert_rows(numbers.connection, insert, "(?, ?)", iter(rows)) == count
    assert numbers.connection.execute("SELECT * FROM number ORDER BY value").fetchall() == rows


def test_rows_that_were_there_are_not_counted(numbers: Store) -> None:
    insert, then = "INSERT INTO number (value, name)", "ON CONFLICT (value) DO NOTHING"
    first, second = ([(number, name) for number in range(700)] for name in "ab")
    assert insert_rows(numbers.connection, insert, "(?, nullif(?, ''))", first, then) == 700
    assert insert_rows(numbers.connection, insert, "(?, ?)", [*second, (900, "b")], then) == 1
    assert numbers.connection.execute("SELECT DISTINCT name FROM number").fetchall() == [("a",), ("b",)]


def test_rows_are_found_among_many_values(numbers: Store) -> None:
    insert_rows(numbers.connection, "INSERT INTO number (value)", "(?)", ((n,) for n in range(0, 3_000, 2)))
    select = "SELECT value FROM number WHERE value > ? AND value IN"
    found = list(rows_where_in(numbers.connection, select, (10,), range(1_500), "AND value < 1000"))
    assert found == [(number,) for number in range(12, 1_000, 2)]
