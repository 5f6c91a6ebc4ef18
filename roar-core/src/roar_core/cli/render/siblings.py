"""Runs that are alike as one line: the same program with other arguments, after runs that are alike themselves."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from roar_core.cli.text import one_line
from roar_core.lineage.nodes import DagNode

LINES = 20  # up to here every run has a line of its own
ALIKE = 4  # runs, at least


class Siblings(NamedTuple):
    """Runs that are drawn as one, in time order; mostly just one."""

    nodes: Sequence[DagNode]

    @property
    def first(self) -> DagNode:
        """Returns the run that stands for all."""
        return self.nodes[0]

    @property
    def label(self) -> str:
        """Returns `@2`, or `@2 +19` where 19 others are like it."""
        return self.first.label + (f" +{len(self.nodes) - 1}" if len(self.nodes) > 1 else "")

    @property
    def command(self) -> str:
        """Returns the command that all have, with `…` for what differs."""
        words = zip(*(node.job.argv for node in self.nodes), strict=True)
        return one_line(" ".join(_common(list(dict.fromkeys(of_all))) for of_all in words))


def fold_siblings(nodes: Sequence[DagNode], is_plain: Callable[[DagNode], bool]) -> list[Siblings]:
    """Returns the runs in time order, those that are alike as one where there would be too many lines.

    `is_plain`: nothing is to be said of a run that would not show if it were folded.
    """
    if len(nodes) <= LINES:
        return [Siblings([node]) for node in nodes]
    group_of: dict[str, object] = {}
    groups: defaultdict[object, list[DagNode]] = defaultdict(list)
    for node in nodes:
        makers = frozenset(group_of.get(label, label) for label in node.depends_on)
        plain = is_plain(node) and node.is_representative and node.job.name is None
        key = (node.job.program, len(node.job.argv), node.state, makers) if plain else node.label
        group_of[node.label] = key
        groups[key].append(node)
    folded: list[Siblings] = []
    for alike in groups.values():
        folded += [Siblings(alike)] if len(alike) >= ALIKE else [Siblings([node]) for node in alike]
    place = {node.label: at for at, node in enumerate(nodes)}
    return sorted(folded, key=lambda siblings: place[siblings.first.label])


def _common(words: Sequence[str]) -> str:
    """Returns what texts begin and end with, with `…` between; quoted only where there is but one."""
    if len(words) == 1:
        return shlex.quote(words[0])
    start = _beginning(words)
    end = _beginning([word[len(start) :][::-1] for word in words])[::-1]
    return f"{start}…{end}"


def _beginning(words: Sequence[str]) -> str:
    low, high = min(words), max(words)  # what these share, all between them do
    size = next((at for at, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), len(low))
    return low[:size]
