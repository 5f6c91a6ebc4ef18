from __future__ import annotations

import sqlite3

from roar_core.project import Project
from roar_core.store.connection import open_database
from roar_core.store.digest_cache import CacheKey, CacheTable
from roar_core.store.store import Store

KEY = CacheKey("uuid", 2**64 - 2, 5, 10, 11)


def find(table: CacheTable, keys: list[CacheKey], algorithms: list[str]) -> list[dict[str, bytes]]:
    return [
        table.find(filesystem, [tuple(state)], algorithms).get(tuple(state), {})
        for filesystem, *state in keys
    ]


def test_digest_is_found_by_the_whole_identity(store: Store) -> None:
    table = CacheTable(store.connection)
    assert table.put_many([(KEY, {"blake3": b"a", "sha256": b"b"})])
    changed = [
        KEY._replace(size=6),
        KEY._replace(mtime_ns=9),
        KEY._replace(ctime_ns=9),
        KEY._replace(filesystem="x"),
    ]
    assert find(table, [KEY, *changed], ["blake3"]) == [{"blake3": b"a"}, {}, {}, {}, {}]
    assert find(table, [KEY], ["blake3", "sha256", "md5"]) == [{"blake3": b"a", "sha256": b"b"}]
    assert find(table, [KEY], ["md5", "sha256"]) == [{"sha256": b"b"}]


def test_many_files_are_found_at_once_by_what_is_known_of_each(store: Store) -> None:
    table = CacheTable(store.connection)
    states = [(number if number % 2 else 2**64 - number - 1, 5, 10, 11) for number in range(3_000)]
    known = {state: {"blake3": b"%d" % state[0]} for state in states[:2_000]}
    for state in states[1_000:2_500]:
        known.setdefault(state, {})["md5"] = b"m"
    assert table.put_many([(CacheKey("uuid", *state), digests) for state, digests in known.items()])
    assert table.find("uuid", states, ["blake3", "md5"]) == known
    assert table.find("uuid", states, ["md5"]).keys() == set(states[1_000:2_500])


def test_newer_state_of_a_file_replaces_the_older(store: Store) -> None:
    table = CacheTable(store.connection)
    newer = KEY._replace(mtime_ns=20, ctime_ns=20)
    table.put_many([(KEY, {"blake3": b"a"}), (newer, {"blake3": b"b"})])
    assert find(table, [KEY, newer], ["blake3"]) == [{}, {"blake3": b"b"}]
    assert store.connection.execute("SELECT count(*) FROM digest_cache").fetchone() == (1,)


def test_busy_database_is_a_miss_and_is_said(project: Project) -> None:
    connection = open_database(project)
    holder = sqlite3.connect(project.database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    table = CacheTable(connection, busy_seconds=0.05)
    assert table.put_many([(KEY, {"blake3": b"a"})]) is False
    assert find(table, [KEY], ["blake3"]) == [{}]
    holder.close()
    connection.close()


def test_unusable_database_is_a_miss(project: Project) -> None:
    connection = open_database(project)
    connection.close()
    table = CacheTable(connection)
    assert find(table, [KEY, KEY], ["blake3"]) == [{}, {}]
    assert table.put_many([(KEY, {"blake3": b"a"})]) is False
