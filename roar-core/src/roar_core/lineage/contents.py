"""What was read, beside what lies on disk now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from roar_core.lineage.disk import OnDisk
from roar_core.store.current import ContentRead, Version


def tell_gone_apart(
    contents: Iterable[ContentRead], on_disk: Mapping[int, OnDisk | None]
) -> tuple[list[ContentRead], list[ContentRead]]:
    """Returns what was read and is gone, and what is not known to be on disk as it was."""
    gone, differing = [], []
    for content in contents:
        disk = on_disk[content.path_id]
        if disk is None:
            gone.append(content)
        elif not disk.known or disk.artifact_id != content.artifact_id:
            differing.append(content)
    return gone, differing


def choose_weighed(
    contents: Iterable[ContentRead],
    on_disk: Mapping[int, OnDisk | None],
    versions: Mapping[int, list[Version]],
) -> set[int]:
    """Returns the contents whose sizes matter: read or left where the file that is there now was never digested."""
    found = set()
    for path_id, artifact_id, *_ in contents:
        disk = on_disk[path_id]
        if disk is not None and not disk.known:
            found.add(artifact_id)
            found.update(
                left.artifact_id for left in versions.get(path_id, ()) if left.artifact_id is not None
            )
    return found


def judge_contents(
    differing: Iterable[ContentRead],
    on_disk: Mapping[int, OnDisk | None],
    sizes: Mapping[int, int | None],
) -> tuple[list[ContentRead], list[ContentRead]]:
    """Returns what was read and is not on disk as it was, and what can't be told without reading it."""
    changed: list[ContentRead] = []
    unverified: list[ContentRead] = []
    for content in differing:
        disk = on_disk[content.path_id]
        may_be = disk is not None and disk.is_content(content.artifact_id, sizes.get(content.artifact_id))
        (unverified if may_be else changed).append(content)
    return changed, unverified
