"""The files of a recorded job folded to composites (docs/lineage.md, "When many files are one artifact").

The edges stay between jobs and files: a composite only stands for many of them where somebody looks.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from heapq import merge
from itertools import islice
from typing import NamedTuple

from roar_core.hashing.blake3 import Blake3Hasher
from roar_core.hashing.folder import LEFT_OUT
from roar_core.lineage.composites import Format, Group, Survey, shard_pattern
from roar_core.store.write_composites import (
    TREE_ALGORITHM,
    Component,
    Direction,
    EdgeFile,
    add_composite,
    find_composite,
    find_whole,
    fold_as_before,
    fold_edges,
    iterate_below,
    iterate_paths,
)

NONE = 0  # no artifact has this id
_HEAD = b"roar:blake3-tree:v1\n"
_ENTRIES_AT_ONCE = 5_000
_MOST_HELD = 50_000


class Entry(NamedTuple):
    """A file, or a composite within a composite, by its path from the outer one's folder."""

    path: str
    digest: str
    artifact_id: int
    size: int | None
    files: int


class Unknown(Exception):
    """A file whose digest is not known: nothing that it belongs to can have one."""


def fold_job(connection: sqlite3.Connection, job_id: int, threshold: int, busy_seconds: float) -> None:
    """Folds the inputs and the outputs of a job. `threshold`: how many files make a folder a composite."""
    directions: tuple[Direction, ...] = ("output", "input")
    for direction in directions:
        if direction == "input" and fold_as_before(connection, job_id, max(threshold, 2), busy_seconds):
            continue
        survey = Survey()
        for path in iterate_paths(connection, job_id, direction):
            survey.add(path)
        groups = survey.groups(max(threshold, 2))
        if groups:
            below = partial(iterate_below, connection, job_id, direction)
            maker = _Maker(connection, groups, below, busy_seconds, parts=direction == "input")
            folded = [(group.path, made.artifact_id, made.files) for group, made in maker.make().items()]
            fold_edges(connection, job_id, direction, folded, max(threshold, 2), busy_seconds)


def fold_folder(
    connection: sqlite3.Connection,
    folder: str,
    files: Sequence[EdgeFile],
    threshold: int,
    busy_seconds: float,
    *,
    make: bool,
) -> int:
    """Returns the composite of these files, with what in them is one as its components.

    `files`: by their paths from the folder, all of them known. `folder`: as jobs would have recorded it. `make`: where
    there is none, it is made; else `NONE` is returned.
    """
    survey = Survey()
    for file in files:
        survey.add(f"{folder}/{file.path}")
    found = survey.groups(max(threshold, 2))
    form: Format = next((group.format for group in found if group.path == folder), "directory")
    whole = Group(folder, None, form, folder)
    inner = [group for group in found if _lies_in(group, whole) and group.path != folder]
    in_order = sorted(files, key=lambda file: file.path.encode())

    def below(top: str) -> Iterator[EdgeFile]:
        start = f"{top[len(folder) + 1 :]}/" if top != folder else ""
        return (
            file._replace(path=file.path[len(start) :]) for file in in_order if file.path.startswith(start)
        )

    return (
        _Maker(connection, [*inner, whole], below, busy_seconds, only_look=not make).make()[whole].artifact_id
    )


class _Maker:
    """Makes composites, inner ones first.

    `parts`: of files that are part of one that there is, makes none. `only_look`: makes none at all.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        groups: Sequence[Group],
        below: Callable[[str], Iterator[EdgeFile]],
        busy_seconds: float,
        *,
        parts: bool = False,
        only_look: bool = False,
    ) -> None:
        """`below`: gives the files below a folder by their paths from there, in the order of their bytes."""
        self._connection = connection
        self._groups = groups
        self._below = below
        self._busy_seconds = busy_seconds
        self._parts = parts
        self._only_look = only_look
        self._whole: set[str] = set()  # the folders of groups that are made
        self._numbered: set[tuple[str, str]] = set()  # and of those of numbered files, with their patterns
        self._made: dict[Group, Entry] = {}
        self._unknown: list[Group] = []

    def make(self) -> dict[Group, Entry]:
        """Returns the composite of each group whose files are all known."""
        for group in self._groups:
            try:
                made = self._make(group)
            except Unknown:
                self._unknown.append(group)
                continue
            if made is not None:
                self._made[group] = made
                if group.pattern is None:
                    self._whole.add(group.folder)
                else:
                    self._numbered.add((group.folder, group.pattern))
        return self._made

    def _make(self, group: Group) -> Entry | None:
        if any(_lies_in(other, group) for other in self._unknown):
            raise Unknown
        state = Blake3Hasher().new()
        state.update(_HEAD)
        files = size = 0
        is_size_known = True
        held: list[Entry] | None = []  # up to so many, reading them again takes longer than keeping them
        entries = self._entries(group)
        while page := list(islice(entries, _ENTRIES_AT_ONCE)):
            state.update("".join([f"{entry.path}\0{entry.digest}\n" for entry in page]).encode())
            size += sum(entry.size or 0 for entry in page)
            is_size_known = is_size_known and all(entry.size is not None for entry in page)
            files += sum(entry.files for entry in page)
            if held is not None and len(held) < _MOST_HELD:
                held += page
            else:
                held = None
        if not files:
            return None
        digest = state.digest()
        artifact_id = find_composite(self._connection, digest)
        components: Iterable[Component] = self._entries(group) if held is None else held
        if artifact_id is None and self._parts:
            artifact_id = find_whole(self._connection, group.path, components)
        if artifact_id is None and self._only_look:
            artifact_id = NONE
        if artifact_id is None:
            made = group.format, files, size if is_size_known else None, digest
            artifact_id = add_composite(self._connection, *made, components, self._busy_seconds)
        tree = f"{TREE_ALGORITHM}:{digest.hex()}"
        return Entry(group.path, tree, artifact_id, size if is_size_known else None, files)

    def _entries(self, group: Group) -> Iterator[Entry]:
        """Yields what a group consists of, in the order of the bytes of the paths."""
        inner = [other for other in self._made if _lies_in(other, group)]
        files = self._files(group, bool(inner))
        if not inner:
            return files
        outermost = [other for other in inner if not any(_lies_in(other, outer) for outer in inner)]
        start = len(group.folder) + 1
        nested = [self._made[other]._replace(path=other.path[start:]) for other in outermost]
        return merge(sorted(nested, key=_bytes_of_path), files, key=_bytes_of_path)

    def _files(self, group: Group, holds_others: bool) -> Iterator[Entry]:
        for path, artifact_id, digest, size in self._below(group.folder):
            folder, _, name = path.rpartition("/")
            if name in LEFT_OUT:
                continue
            if group.pattern is not None and (folder or shard_pattern(name)[0] != group.pattern):
                continue
            if holds_others and self._is_nested(group, _joined(group.folder, folder), name):
                continue
            if artifact_id is None or digest is None:
                raise Unknown
            yield Entry(path, f"blake3:{digest.hex()}", artifact_id, size, 1)

    def _is_nested(self, group: Group, folder: str, name: str) -> bool:
        """Returns whether a file belongs to a composite that lies in the group."""
        pattern = shard_pattern(name)[0]
        if pattern is not None and (folder, pattern) in self._numbered:
            return True
        while len(folder) > len(group.folder):
            if folder in self._whole:
                return True
            folder = folder.rpartition("/")[0]
        return False


def _bytes_of_path(entry: Entry) -> bytes:
    return entry.path.encode()


def _joined(folder: str, inner: str) -> str:
    return f"{folder}/{inner}" if folder and inner else folder or inner


def _lies_in(inner: Group, outer: Group) -> bool:
    if outer.pattern is not None or inner == outer:
        return False
    return inner.folder.startswith(outer.folder + "/") or (
        inner.folder == outer.folder and inner.pattern is not None
    )
