"""When a digest may be remembered, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from roar_core.hashing.cache import DigestCache
from roar_core.hashing.filesystem import FileSystem, FilesystemTable
from roar_core.store.digest_cache import CacheKey, State
from roar_core.store.records import Identity

MILLISECOND = 1_000_000
SECOND = 1_000_000_000
NOW = 1_700_000_000 * SECOND + 123_456_789


class Steps(FilesystemTable):
    """A machine whose only file system has a certain timestamp step."""

    def __init__(self, step_ns: int) -> None:
        self._step_ns = step_ns

    def __getitem__(self, device: int) -> FileSystem:
        return FileSystem(f"dev:{device}", self._step_ns)


class Table:
    def __init__(self, works: bool = True) -> None:
        self.rows: dict[CacheKey, dict[str, bytes]] = {}
        self.works = works
        self.asked = 0

    def find(
        self, filesystem: str, states: Collection[State], algorithms: Sequence[str]
    ) -> dict[State, dict[str, bytes]]:
        self.asked += 1
        return {
            key[1:]: {name: value for name, value in digests.items() if name in algorithms}
            for key, digests in self.rows.items()
            if key.filesystem == filesystem and key[1:] in states
        }

    def put_many(self, rows: Sequence[tuple[CacheKey, Mapping[str, bytes]]]) -> bool:
        if self.works:
            self.rows.update((key, dict(digests)) for key, digests in rows)
        return self.works


def changed(ago_ns: int) -> Identity:
    return Identity(device=1, inode=2, size=3, mtime_ns=NOW - ago_ns, ctime_ns=NOW - ago_ns)


def test_remember_keeps_what_is_older_than_the_step() -> None:
    cache = DigestCache(Table(), Steps(20 * MILLISECOND))
    assert cache.remember(changed(21 * MILLISECOND), {"blake3": b"x"}, NOW)
    assert not cache.remember(changed(20 * MILLISECOND), {"blake3": b"x"}, NOW)


def test_remember_keeps_what_is_just_older_where_every_change_has_its_own_timestamp() -> None:
    cache = DigestCache(Table(), Steps(0))
    assert cache.remember(changed(1), {"blake3": b"x"}, NOW)
    assert not cache.remember(changed(0), {"blake3": b"x"}, NOW)
    assert not cache.remember(changed(-SECOND), {"blake3": b"x"}, NOW)


def test_remember_distrusts_whole_seconds_on_any_file_system() -> None:
    cache = DigestCache(Table(), Steps(0))
    whole = changed(0)._replace(ctime_ns=NOW // SECOND * SECOND - SECOND)
    assert not cache.remember(whole, {"blake3": b"x"}, NOW)
    assert cache.remember(whole._replace(ctime_ns=whole.ctime_ns - 2 * SECOND), {"blake3": b"x"}, NOW)


def test_wait_for_step_ends_when_an_entry_can_be_made() -> None:
    cache = DigestCache(None, Steps(20 * MILLISECOND))
    identity = changed(5 * MILLISECOND)
    wait = cache.wait_for_step(identity, NOW)
    assert 0.014 < wait < 0.016
    assert cache.remember(identity, {"blake3": b"x"}, NOW + round(wait * SECOND) + 1)


def test_wait_for_step_is_none_where_it_would_be_long() -> None:
    assert DigestCache(None, Steps(2 * SECOND)).wait_for_step(changed(0), NOW) == 0
    assert DigestCache(None, Steps(0)).wait_for_step(changed(-3600 * SECOND), NOW) == 0


def test_lookup_finds_what_was_flushed_for_the_same_identity_alone() -> None:
    table = Table()
    identity = changed(SECOND)
    cache = DigestCache(table, Steps(0))
    cache.remember(identity, {"blake3": b"x"}, NOW)
    assert cache.lookup(identity, ("blake3",)) == {"blake3": b"x"}
    assert not table.rows
    cache.flush()
    again = DigestCache(table, Steps(0))
    assert again.lookup(identity, ("blake3",)) == {"blake3": b"x"}
    assert again.lookup(identity, ("blake3", "md5")) is None
    for other in ({"size": 4}, {"inode": 9}, {"mtime_ns": 5}, {"ctime_ns": 5}, {"device": 7}):
        assert again.lookup(identity._replace(**other), ("blake3",)) is None


def test_flush_keeps_entries_that_the_table_cannot_take() -> None:
    table = Table(works=False)
    cache = DigestCache(table, Steps(0))
    cache.remember(changed(SECOND), {"blake3": b"x"}, NOW)
    cache.flush()
    table.works = True
    cache.flush()
    assert len(table.rows) == 1


def test_what_was_looked_up_is_not_asked_again_found_or_not() -> None:
    table = Table()
    cache = DigestCache(table, Steps(0))
    identity, other, elsewhere = changed(SECOND), changed(2 * SECOND), changed(SECOND)._replace(device=8)
    cache.remember(identity, {"blake3": b"x"}, NOW)
    cache.flush()
    again = DigestCache(table, Steps(0))
    assert again.look_up([identity, other, elsewhere, identity], ("blake3", "md5")) == 5
    assert table.asked == 2  # file systems
    assert again.found(identity) == {"blake3": b"x"}
    assert again.found(other) == again.found(elsewhere) == again.found(changed(0)) == {}
    assert again.lookup(identity, ("blake3",)) == {"blake3": b"x"}
    for unknown in (other, elsewhere):
        assert again.lookup(unknown, ("blake3",)) is None
    assert table.asked == 2
    assert DigestCache(None, Steps(0)).look_up([identity, other], ("blake3",)) == 2
