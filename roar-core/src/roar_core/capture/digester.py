"""Digests for one run: from the cache, by reading, or put off until the next command."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from roar_core.capture.contents import NO_DIGESTS, Content, Digests, pending
from roar_core.store.records import Identity

if TYPE_CHECKING:
    from roar_core.hashing.cache import DigestCache
    from roar_core.plugin.protocols import Hasher

CHANGED = "changed after the job had ended"


class RunDigester:
    """Digests files until it is told to stop; what comes after that is pending.

    `must_stop` is asked before each file that has to be read; `progress` is told the bytes of each file that is done.
    """

    def __init__(
        self,
        cache: DigestCache,
        hashers: Mapping[str, Hasher],
        must_stop: Callable[[], bool],
        progress: Callable[[int], None],
    ) -> None:
        self._cache = cache
        self._hashers = hashers
        self._algorithms = tuple(hashers)
        self._must_stop = must_stop
        self._progress = progress
        self.put_off = 0

    def known(self, identity: Identity) -> Digests | None:
        """Returns the digests of the bytes that had this identity, if they are remembered."""
        return self._cache.lookup(identity, self._algorithms)

    def digest(self, path: str, identity: Identity) -> Content:
        """Returns the content of `path`, which must still have this identity: pending where there is no time left."""
        from roar_core.hashing.digest import FileChanged, digest_file

        digests = self._cache.lookup(identity, self._algorithms)
        if digests is not None:
            return Content(digests, identity.size)
        if self._must_stop():
            self.put_off += 1
            return pending(identity)
        wait = self._cache.wait_for_step(identity, time.time_ns())
        if wait > 0:
            time.sleep(wait)
        begun_ns = time.time_ns()
        try:
            found = digest_file(path, self._algorithms, self._hashers)
        except FileChanged:
            return Content(NO_DIGESTS, identity.size, CHANGED)
        except OSError as error:
            return Content(NO_DIGESTS, identity.size, f"cannot be read: {error.strerror}")
        self._progress(identity.size)
        if found.identity != identity:
            return Content(NO_DIGESTS, identity.size, CHANGED)
        self._cache.remember(identity, found.digests, begun_ns)
        return Content(found.digests, identity.size)
