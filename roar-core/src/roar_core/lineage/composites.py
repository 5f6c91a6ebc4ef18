"""Which files of a job are one thing to the eye: stores, data sets, shards, image trees, large folders.

By names alone, in one pass over the paths in any order, so that a million of them take a second and no memory.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterator
from typing import Literal, NamedTuple

Format = Literal["zarr", "lance", "lerobot", "tfds", "webdataset", "parquet", "shards", "images", "directory"]

FEWEST_NUMBERED = 10  # files whose names differ by a number, without a usual form of shards
FEWEST_IMAGES = 20
FEWEST_SHARDS = 2
_IMAGE_SHARE = 0.8
_NEARLY_ALL = 0.9

_ZARR = frozenset((".zgroup", ".zarray", ".zmetadata", "zarr.json"))
_TFDS = frozenset(("dataset_info.json", "features.json"))
_IMAGES = frozenset(
    ("jpg", "jpeg", "png", "gif", "bmp", "webp", "tif", "tiff", "ppm", "pgm", "jp2", "heic", "dcm")
)
_SHARDS = frozenset(
    ("tar", "parquet", "arrow", "tfrecord", "tfrecords", "jsonl", "csv", "mds", "avro", "orc")
)
_OF = re.compile(r"-\d{5,}(-of-\d{5,})")  # train-00000-of-00010.parquet, x.tfrecord-00001-of-00004
_PART = re.compile(r"part-\d+")  # part-00000-….snappy.parquet
_NUMBER = re.compile(r"\d+(?=\D*$)")
_PARTITION = re.compile(r"/[^/=]+=[^/]*(?:/|$)")  # year=2024/


class Group(NamedTuple):
    """Files that are one: all below `folder`, or those in it whose `shard_pattern` is `pattern`.

    `path`: what the group is called by.
    """

    folder: str
    pattern: str | None
    format: Format
    path: str


class Survey:
    """Takes in the paths of a job, relative or absolute, and says which of them belong together."""

    def __init__(self) -> None:
        self._files: Counter[str] = Counter()
        self._images: Counter[str] = Counter()
        self._patterns: Counter[tuple[str, str]] = Counter()
        self._shards: set[tuple[str, str]] = set()
        self._marks: defaultdict[str, set[str]] = defaultdict(set)
        self._partitions: Counter[str] = Counter()
        self._episodes: set[str] = set()
        self._unspeakable: set[str] = set()  # folders of files whose names are not UTF-8

    def add(self, path: str) -> None:
        """Takes in one file."""
        folder, _, name = path.rpartition("/")
        if not path.isascii() and not _is_utf8(path):
            self._unspeakable.add(folder)
            return
        self._files[folder] += 1
        suffix = name.rpartition(".")[2].lower()
        if suffix in _IMAGES:
            self._images[folder] += 1
            return
        if name in _ZARR or name in _TFDS:
            self._marks[folder].add(name)
        elif name == "info.json" and folder.endswith("/meta"):
            self._episodes.add(folder[: -len("/meta")])
        if suffix == "parquet" and "=" in folder:
            found = _PARTITION.search(f"/{folder}")
            if found is not None and found.start() > 0:
                self._partitions[folder[: found.start() - 1]] += 1
        pattern, is_shard = shard_pattern(name)
        if pattern is not None:
            self._patterns[folder, pattern] += 1
            if is_shard:
                self._shards.add((folder, pattern))

    def groups(self, threshold: int) -> list[Group]:
        """Returns the groups, inner ones before those that they lie in. `threshold`: files that make a folder one.

        What holds a file whose name is not UTF-8 is none: its digest could not be computed by others.
        """
        found = [Group(folder, None, form, folder) for folder, form in _topmost(dict(self._structured()))]
        taken = {group.folder for group in found}
        numbered = [group for group in self._numbered() if not _is_within(group.folder, taken)]
        free = {folder: count for folder, count in self._images.items() if not _is_within(folder, taken)}
        all_images, all_files = _sums(free), _sums(self._files)
        large = [
            Group(folder, None, "images", folder)
            for folder in _heavy(all_images, FEWEST_IMAGES)
            if all_images[folder] >= _IMAGE_SHARE * all_files[folder]
        ]
        taken.update(group.folder for group in large)
        taken.update(group.folder for group in numbered if group.path == group.folder)
        large += [
            Group(folder, None, "directory", folder)
            for folder in _heavy(all_files, threshold)
            if not _is_within(folder, taken)
        ]
        outside = {group.folder for group in large}
        found += large
        # Files that are merely numbered are not told from the others of a large folder.
        found += [g for g in numbered if g.format != "shards" or not _is_within(g.folder, outside)]
        found = [
            group
            for group in found
            if not any(_is_within(folder, (group.folder,)) for folder in self._unspeakable)
        ]
        return sorted(found, key=lambda group: (-group.folder.count("/"), group.pattern is None, group.path))

    def _structured(self) -> Iterator[tuple[str, Format]]:
        for folder in self._files:
            for suffix, form in ((".lance", "lance"), (".zarr", "zarr")):
                if suffix + "/" in f"{folder}/":
                    yield folder[: f"{folder}/".index(suffix + "/") + len(suffix)], form  # type: ignore[misc]  # a Format
        for folder, marks in self._marks.items():
            if marks & _ZARR:
                yield folder, "zarr"
            elif marks >= _TFDS:
                yield folder, "tfds"
        for folder in self._episodes:
            if any(
                f"{other}/".startswith((f"{folder}/data/chunk-", f"{folder}/videos/"))
                for other in self._files
            ):
                yield folder, "lerobot"
        for folder, count in self._partitions.items():
            if count >= FEWEST_SHARDS:
                yield folder, "parquet"

    def _numbered(self) -> Iterator[Group]:
        for (folder, pattern), count in self._patterns.items():
            is_shard = (folder, pattern) in self._shards
            fewest = FEWEST_SHARDS if is_shard else max(FEWEST_NUMBERED, self._files[folder] / 2)
            if count < fewest:
                continue
            suffix = pattern.rpartition(".")[2]
            form: Format = "webdataset" if suffix == "tar" and is_shard else "shards"
            if suffix == "parquet":
                form = "parquet"
            alone = count == self._files[folder] and _is_place(folder)
            yield Group(folder, pattern, form, folder if alone else f"{folder}/{pattern}".lstrip("/"))


def shard_pattern(name: str) -> tuple[str | None, bool]:
    """Returns a file's name with `*` for its number (None: it has none), and whether it is numbered as shards are."""
    if name.isdecimal() and name.isascii():  # as is usual where there are most of them
        return "*", False
    if "-" in name:
        found = _OF.search(name)
        if found is not None:
            return f"{name[: found.start()]}-*{found[1]}{name[found.end() :]}", True
        found = _PART.match(name)
        if found is not None:
            _, dot, rest = name.partition(".")
            return f"part-*{dot}{rest}", True
    stem, dot, suffix = name.rpartition(".")
    stem, end = (stem, dot + suffix) if stem else (name, "")
    found = _NUMBER.search(stem)
    if found is None:
        return None, False
    usual = suffix.lower() in _SHARDS and len(found[0]) >= 4
    return f"{stem[: found.start()]}*{stem[found.end() :]}{end}", usual


def _is_utf8(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _topmost(tops: dict[str, Format]) -> Iterator[tuple[str, Format]]:
    for folder, form in tops.items():
        if _is_place(folder) and not _is_within(folder.rpartition("/")[0], tops):
            yield folder, form


def _is_within(folder: str, tops: Container[str]) -> bool:
    """Returns whether a folder is one of `tops`, or lies below one."""
    while folder:
        if folder in tops:
            return True
        folder = folder.rpartition("/")[0]
    return False


def _is_place(folder: str) -> bool:
    """Returns whether a folder may be one thing: neither the project's root, nor a top of the file system."""
    return bool(folder) and (not folder.startswith("/") or folder.count("/") > 1)


def _sums(files: dict[str, int]) -> Counter[str]:
    """Returns how many files lie below each folder."""
    sums: Counter[str] = Counter()
    for folder, count in files.items():
        sums[folder] += count
        while folder:
            folder = folder.rpartition("/")[0]
            sums[folder] += count
    return sums


def _heavy(sums: dict[str, int], fewest: int) -> Iterator[str]:
    """Yields the folders with so many files: the outermost, but an inner one that has nearly all of its files."""
    children: defaultdict[str, list[str]] = defaultdict(list)
    for folder in sums:
        if folder:
            children[folder.rpartition("/")[0]].append(folder)
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        if sums.get(folder, 0) < fewest:
            continue
        inner = next((child for child in children[folder] if sums[child] >= _NEARLY_ALL * sums[folder]), None)
        if inner is not None and sums[inner] >= fewest:
            waiting.append(inner)
        elif _is_place(folder):
            yield folder
        else:
            waiting += children[folder]
