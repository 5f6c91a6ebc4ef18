"""Digests for one run: from the cache, by reading, or put off until the next command."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from roar_core.capture.algorithms import algorithms
from roar_core.capture.contents import Content, Digests, Wanted, pending
from roar_core.capture.fellow_readers import FellowReaders, fellow_count
from roar_core.capture.reader import Reader
from roar_core.hashing.cache import DigestCache
from roar_core.hashing.digest import WHOLE_BYTES
from roar_core.hashing.errors import DigestStopped
from roar_core.store.records import Identity

if TYPE_CHECKING:
    from roar_core.capture.surroundings import Progress, Surroundings
    from roar_core.plugin.protocols import Hasher
    from roar_core.store.store import Store

CACHE_BUSY_SECONDS = 0.2  # it only saves work: worth no longer wait where the database is locked
WORTH_FELLOWS = 500  # files, for which processes are forked


class RunDigester:
    """Digests files until it is told to stop; what comes after that is pending. `put_off` counts it."""

    def __init__(
        self,
        cache: DigestCache,
        hashers: Mapping[str, Hasher],
        must_stop: Callable[[], bool],
        progress: Progress,
    ) -> None:
        self._cache = cache
        self._algorithms = tuple(hashers)
        self._must_stop = must_stop
        self._progress = progress
        self._reader = Reader(hashers, self._in_a_large_file)
        self._fellows: FellowReaders | None = None
        self._begun_ns = 0
        self.put_off = 0

    def prepare(self, identities: Iterable[Identity], files: Iterable[Wanted]) -> None:
        """Asks the cache about many identities at once; has other processes digest files that it does not know.

        Both serve until it is called again.
        """
        self.close()
        unknown = self._cache.look_up(identities, self._algorithms)
        count = fellow_count()
        if not count or unknown < WORTH_FELLOWS or self._must_stop() or not self._reader.can_fork():
            return
        self._begun_ns = time.time_ns()
        unread = [file for file in files if self._may_be_left_to_others(file.identity)]
        if len(unread) >= WORTH_FELLOWS:
            self._fellows = FellowReaders(self._reader, unread, count)

    def _may_be_left_to_others(self, identity: Identity) -> bool:
        return (
            identity.size <= WHOLE_BYTES  # a larger one is digested by several threads
            and self._cache.lookup(identity, self._algorithms) is None
            and not self._cache.wait_for_step(identity, self._begun_ns)
        )

    def close(self) -> None:
        """Ends the other processes."""
        if self._fellows is not None:
            self._fellows.close()
            self._fellows = None

    def known(self, identity: Identity) -> Digests | None:
        """Returns the digests of the bytes that had this identity, if they are remembered."""
        return self._cache.lookup(identity, self._algorithms)

    def digest(self, path: str, identity: Identity) -> Content:
        """Returns the content of `path`, which must still have this identity: pending where there is no time left."""
        content = self._fellows.take(identity) if self._fellows else None
        begun_ns = self._begun_ns
        if content is None:
            digests = self._cache.lookup(identity, self._algorithms)
            if digests is not None:
                return Content(digests, identity.size)
            if self._must_stop():
                return self._put_off(identity)
            wait = self._cache.wait_for_step(identity, time.time_ns())
            if wait > 0:
                time.sleep(wait)
            begun_ns = time.time_ns()
            try:
                content = self._reader.read(path, identity)
            except DigestStopped:
                return self._put_off(identity)
        self._progress.advance(identity.size)
        if content.reason is None:
            self._cache.remember(identity, content.digests, begun_ns)
        return content

    def expect(self, total_bytes: int) -> None:
        """Says how much there may be to digest in all."""
        self._progress.expect(total_bytes)

    def _in_a_large_file(self) -> bool:
        self._progress.advance(0)
        return self._must_stop()

    def _put_off(self, identity: Identity) -> Content:
        self.put_off += 1
        return pending(identity)


@contextmanager
def run_digester(
    around: Surroundings, extra: tuple[str, ...], store: Store | None, must_stop: Callable[[], bool]
) -> Iterator[RunDigester]:
    """Yields a digester for one run, and keeps what it has found out in the store's cache."""
    from roar_core.store.digest_cache import CacheTable

    table = CacheTable(store.connection, CACHE_BUSY_SECONDS) if store is not None else None
    cache = DigestCache(table)
    names = algorithms(around, extra)
    hashers: dict[str, Hasher] = {
        spec.name: around.plugins.make(spec) for spec in around.plugins.hashers if spec.name in names
    }
    with around.progress("digesting") as progress:
        digester = RunDigester(cache, hashers, must_stop, progress)
        try:
            yield digester
        finally:
            digester.close()
    cache.flush()
