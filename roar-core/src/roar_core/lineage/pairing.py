"""Which file of one run stands for which of another, where their names differ."""

from __future__ import annotations

import os.path
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from roar_core.store.difference import LoneFile

Item = TypeVar("Item")


def pair_files(
    a: Sequence[LoneFile], b: Sequence[LoneFile], role_of: Callable[[LoneFile], Hashable]
) -> tuple[list[tuple[LoneFile, LoneFile]], list[LoneFile], list[LoneFile]]:
    """Returns pairs, and what of each side has no counterpart.

    Files of equal content belong together, then those of one name in other folders, then those of which `role_of` says
    the same and that end alike, in order of their names.
    """
    pairs: list[tuple[LoneFile, LoneFile]] = []
    left, right = list(a), list(b)
    for key in (
        lambda file: file.artifact_id,
        lambda file: os.path.basename(file.path),
        lambda file: (role_of(file), os.path.splitext(file.path)[1]),
    ):
        found, left, right = pair_by(left, right, key)
        pairs += found
    return pairs, left, right


def pair_by(
    a: Sequence[Item], b: Sequence[Item], key: Callable[[Item], Hashable]
) -> tuple[list[tuple[Item, Item]], list[Item], list[Item]]:
    """Returns the items that have the same key, each one once and in order, and what is left; None is no key."""
    waiting: defaultdict[Hashable, list[Item]] = defaultdict(list)
    for item in reversed(b):
        waiting[key(item)].append(item)
    pairs, alone = [], []
    for item in a:
        same = waiting[key(item)] if key(item) is not None else []
        if same:
            pairs.append((item, same.pop()))
        else:
            alone.append(item)
    paired = {id(theirs) for _, theirs in pairs}
    return pairs, alone, [item for item in b if id(item) not in paired]
