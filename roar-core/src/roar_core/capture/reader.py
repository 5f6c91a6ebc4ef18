"""The content of a file as reading it says: digests, or the reason why there are none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from roar_core.capture.contents import NO_DIGESTS, Content
from roar_core.hashing.digest import digest_file
from roar_core.hashing.errors import FileChanged
from roar_core.store.records import Identity

if TYPE_CHECKING:
    from roar_core.plugin.protocols import Hasher

CHANGED = "changed after the job had ended"


class Reader:
    """Digests files by some algorithms."""

    def __init__(self, hashers: Mapping[str, Hasher], must_stop: Callable[[], bool]) -> None:
        """`must_stop`: is asked every few MiB of a large file."""
        self._hashers = hashers
        self._must_stop = must_stop
        self.algorithms = tuple(hashers)

    def read(self, path: str, identity: Identity) -> Content:
        """Returns the content of the file if it still has its identity. Raises DigestStopped."""
        try:
            found = digest_file(path, self.algorithms, self._hashers, self._must_stop, identity)
        except FileChanged:
            return Content(NO_DIGESTS, identity.size, CHANGED)
        except FileNotFoundError:
            return Content(NO_DIGESTS, identity.size, "removed before it could be digested")
        except OSError as error:
            return Content(
                NO_DIGESTS, identity.size, f"cannot be read: {(error.strerror or 'error').lower()}"
            )
        return Content(found.digests, identity.size)

    def can_fork(self) -> bool:
        """Returns whether a fork of this process can read: a plugin's hasher may need threads, which it has not."""
        return all(
            type(hasher).__module__.startswith("roar_core.hashing.") for hasher in self._hashers.values()
        )
