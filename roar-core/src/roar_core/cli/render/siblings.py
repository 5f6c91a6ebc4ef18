"""Runs that are alike as one line: the same program with other arguments, after runs that are alike themselves."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from roar_core.cli.text import one_line
from roar_core.lineage.current import CurrentDag
from roar_core.store.current import commands_of

LINES = 20  # up to here every run has a line of its own
ALIKE = 4  # runs, at least


class Siblings(NamedTuple):
    """Runs that are drawn as one, in the order in which they would be listed; mostly just one.

    `commands`: of each, where there are several.
    """

    jobs: Sequence[int]
    commands: Sequence[Sequence[str]] = ()

    @property
    def first(self) -> int:
        """Returns the run that stands for all."""
        return self.jobs[0]

    @property
    def command(self) -> str:
        """Returns the command that all have, with `…` for what differs."""
        words = zip(*self.commands, strict=True)
        return one_line(" ".join(_common(list(dict.fromkeys(of_all))) for of_all in words))


def fold_siblings(dag: CurrentDag, jobs: Sequence[int]) -> list[Siblings]:
    """Returns the runs in their order, those that are alike as one where there would be too many lines.

    Only runs of which nothing is to be said that would not show are folded. Ten thousand may be, so they are told apart
    by numbers, and are not described before.
    """
    if len(jobs) <= LINES:
        return [Siblings([job]) for job in jobs]
    remarkable = dag.remarkable()
    commands = dict(zip(jobs, commands_of(dag.jobs[job] for job in jobs), strict=True))
    first_of: dict[object, int] = {}
    group_of: dict[int, int] = {}  # by its first run
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for job_id in jobs:
        job = dag.jobs[job_id]
        key: object = job_id
        if job.name is None and len(dag.runs[job.kind, job.step]) == 1 and job_id not in remarkable:
            makers = frozenset([group_of.get(maker, maker) for maker in dag.descent.makers.get(job_id, ())])
            key = job.program, len(commands[job_id]), dag.states[job_id], makers
        group_of[job_id] = first_of.setdefault(key, job_id)
        groups[group_of[job_id]].append(job_id)
    folded = []
    for job_id in jobs:
        alike = groups[group_of[job_id]]
        if len(alike) < ALIKE:
            folded.append(Siblings([job_id]))
        elif alike[0] == job_id:
            folded.append(Siblings(alike, [commands[job] for job in alike]))
    return folded


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
