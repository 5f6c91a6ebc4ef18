"""What undoing a job does to files (docs/history.md): nothing is lost that the job did not make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from roar_core.store.undone import ReadFile, WrittenFile

Action = Literal["delete", "put back", "move back", "leave"]


class Change(NamedTuple):
    """One thing to do. `digest`: what the file has to hold now, or is put back with.

    `source`: where a file that goes back to `path` is now. `why`: the reason to leave one as it is.
    """

    action: Action
    path: str
    digest: str | None = None
    source: str | None = None
    why: str = ""


class Now(NamedTuple):
    """What there is now. `digest_at` gives the BLAKE3 of a file, None: there is no file, "": it can't be read.

    `is_kept` says whether the bytes of a digest are kept.
    """

    digest_at: Callable[[str], str | None]
    is_kept: Callable[[str], bool]


def plan_undoing(read: Sequence[ReadFile], written: Iterable[WrittenFile], now: Now) -> tuple[Change, ...]:
    """Returns what is to be done, in an order in which it can be."""
    planner = _Planner(read, now)
    changes = [change for file in written for change in planner.written(file)]
    return (*changes, *planner.removed())


class _Planner:
    def __init__(self, read: Sequence[ReadFile], now: Now) -> None:
        self._now = now
        self._before = {file.path: file for file in read}
        self._places: dict[str, list[str]] = {}
        for file in read:
            if file.digest is not None:
                self._places.setdefault(file.digest, []).append(file.path)
        self._done: set[str] = set()

    def written(self, file: WrittenFile) -> Iterator[Change]:
        """Yields what becomes of a file that the job left."""
        self._done.add(file.path)
        here = self._now.digest_at(file.path)
        if here is None:
            return
        if file.digest is None or not here:
            yield Change("leave", file.path, why="what it holds is not known")
        elif here != file.digest:
            yield Change("leave", file.path, why="changed since")
        elif file.created:
            yield self._created(file.path, file.digest)
        else:
            yield from self._changed(file)

    def removed(self) -> Iterator[Change]:
        """Yields what becomes of files that the job took away."""
        for path, file in self._before.items():
            if not file.removed or path in self._done or self._now.digest_at(path) is not None:
                continue
            if file.digest is not None and self._now.is_kept(file.digest):
                yield Change("put back", path, file.digest)
            else:
                yield Change("leave", path, why="the job removed it, and its bytes were not kept")

    def _created(self, path: str, digest: str) -> Change:
        """A file that the job made goes, unless it is the only one that still holds what the job was given."""
        places = self._places.get(digest, [])
        contents = {place: self._now.digest_at(place) for place in places if place != path}
        if not contents or digest in contents.values():
            return Change("delete", path, digest)
        free = next((place for place, there in contents.items() if there is None), None)
        if free is not None and free not in self._done:
            self._done.add(free)
            return Change("move back", free, digest, source=path)
        if self._now.is_kept(digest):
            return Change("delete", path, digest)
        return Change("leave", path, why="holds what the job read, which is nowhere else")

    def _changed(self, file: WrittenFile) -> Iterator[Change]:
        before = self._before.get(file.path)
        if before is not None and before.digest == file.digest:
            return
        if before is not None and before.digest is not None and self._now.is_kept(before.digest):
            yield Change("put back", file.path, before.digest, source=file.digest)
        elif file.created is None:
            yield Change("leave", file.path, why="not known whether it was there before")
        else:
            yield Change("leave", file.path, why="was there before, and its bytes were not kept")
