"""Two sessions, step by step: which step of one stands for which of the other, and which have no counterpart."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple

from roar_core.lineage.pairing import pair_by
from roar_core.lineage.program import comparable_argv
from roar_core.store.jobs import JobRow


class StepPairs(NamedTuple):
    """Runs that stand for the same step, in the first session's time order, and those without a counterpart."""

    pairs: Sequence[tuple[JobRow, JobRow]]
    a_only: Sequence[JobRow]
    b_only: Sequence[JobRow]


def representatives(jobs: Iterable[JobRow]) -> list[JobRow]:
    """Returns the newest successful run of each step, else its newest, given the jobs of a session in time order."""
    shown: dict[tuple[str, int], JobRow] = {}
    for job in jobs:
        earlier = shown.get((job.kind, job.step))
        if earlier is None or job.status == "ok" or earlier.status != "ok":
            shown[job.kind, job.step] = job
    return sorted(shown.values(), key=lambda job: (job.started_ns, job.id))


def pair_steps(a: Sequence[JobRow], b: Sequence[JobRow]) -> StepPairs:
    """Returns which run stands for which: by name, by the same command, by the same program, by one number."""
    keys: tuple[Callable[[JobRow], Hashable], ...] = (
        lambda job: (job.kind, job.name) if job.name else None,
        lambda job: (job.kind, job.program, job.cwd, comparable_argv(job.argv)),
        lambda job: (job.kind, job.program, job.step),
        lambda job: (job.kind, job.program),
        lambda job: (job.kind, job.step) if job.program.startswith("-c ") else None,
    )
    left, right = list(a), list(b)
    pairs: list[tuple[JobRow, JobRow]] = []
    for key in keys:
        found, left, right = pair_by(left, right, key)
        pairs += found
    return StepPairs(sorted(pairs, key=lambda pair: (pair[0].started_ns, pair[0].id)), left, right)
