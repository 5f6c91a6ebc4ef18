"""The order in which runs are listed."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from roar_core.lineage.nodes import DagNode


def makers_first(nodes: Sequence[DagNode]) -> list[DagNode]:
    """Returns the nodes, each after those that it depends on; else builds first, by step and run."""
    by_label = {node.label: index for index, node in enumerate(nodes)}
    readers: list[list[int]] = [[] for _ in nodes]
    waits_for = [0] * len(nodes)
    for index, node in enumerate(nodes):
        makers = {
            by_label.get(label, by_label.get(label.partition("·")[0], index)) for label in node.depends_on
        }
        for maker in makers - {index}:
            readers[maker].append(index)
            waits_for[index] += 1
    keys = [(node.job.kind, node.job.step, node.job.job_id, index) for index, node in enumerate(nodes)]
    ready = [key for key, count in zip(keys, waits_for, strict=True) if not count]
    heapq.heapify(ready)
    # A label stands for another run of its step where only that one is drawn, so that there may be a circle.
    waiting = {key[-1] for key in keys} - {key[-1] for key in ready}
    ordered: list[DagNode] = []
    while ready or waiting:
        if not ready:
            first = min(waiting, key=keys.__getitem__)
            waiting.remove(first)
            ready.append(keys[first])
        *_, index = heapq.heappop(ready)
        ordered.append(nodes[index])
        for reader in readers[index]:
            waits_for[reader] -= 1
            if not waits_for[reader] and reader in waiting:
                waiting.remove(reader)
                heapq.heappush(ready, keys[reader])
    return ordered
