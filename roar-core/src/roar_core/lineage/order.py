"""The order in which runs are listed."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from roar_core.lineage.current import CurrentDag


def makers_first(dag: CurrentDag, jobs: Sequence[int]) -> list[int]:
    """Returns the runs, each after those that it depends on; else builds first, by step and run."""
    keys = {job: (dag.jobs[job].kind, dag.jobs[job].step, job) for job in jobs}
    makers = {
        job: {seen for maker in found if (seen := dag.seen(maker, keys)) in keys and seen != job}
        for job in jobs
        if (found := dag.descent.makers.get(job))
    }
    if all(keys[maker] < keys[job] for job, of_job in makers.items() for maker in of_job):
        return sorted(jobs, key=keys.__getitem__)
    readers: dict[int, list[int]] = {job: [] for job in jobs}
    for job, of_job in makers.items():
        for maker in of_job:
            readers[maker].append(job)
    waits_for = {job: len(makers.get(job, ())) for job in jobs}
    ready = [keys[job] for job, count in waits_for.items() if not count]
    heapq.heapify(ready)
    # A run stands for another run of its step where only that one is drawn, so that there may be a circle.
    waiting = {job for job, count in waits_for.items() if count}
    ordered: list[int] = []
    while ready or waiting:
        if not ready:
            first = min(waiting, key=keys.__getitem__)
            waiting.remove(first)
            ready.append(keys[first])
        *_, job = heapq.heappop(ready)
        ordered.append(job)
        for reader in readers[job]:
            waits_for[reader] -= 1
            if not waits_for[reader] and reader in waiting:
                waiting.remove(reader)
                heapq.heappush(ready, keys[reader])
    return ordered
