"""Everything upstream of a file or a job: the jobs that it rests on, and what came from outside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from roar_core.store.ancestry import AncestryTables, Found, Made, RootEdge

SOURCED = ("git", "remote")


class Ancestry(NamedTuple):
    """The jobs upstream, in time order, the asked one included; by job, those that it rests on directly."""

    jobs: Sequence[int]
    makers: Mapping[int, Sequence[int]]


class RootInput(NamedTuple):
    """A file from outside, as it was read, and the jobs that did, in time order."""

    edge: RootEdge
    readers: Sequence[int]

    @property
    def is_sourced(self) -> bool:
        """Returns whether it is known where the file can be had again."""
        return self.edge.origin in SOURCED


def ancestry_of_job(tables: AncestryTables, job_id: int, order: Mapping[int, int]) -> Ancestry:
    """Returns what a job rests on. `order`: the place in time of each job."""
    walk = _Walk(tables)
    walk.add(job_id)
    return walk.result(order)


def ancestry_of_file(tables: AncestryTables, found: Found, order: Mapping[int, int]) -> Ancestry:
    """Returns what a version of a file rests on; no jobs where none made it."""
    walk = _Walk(tables)
    if found.made is not None:
        walk.add(found.made.job_id)
        walk.add_continued(found.made)
    return walk.result(order)


def root_inputs(edges: Iterable[RootEdge]) -> list[RootInput]:
    """Returns what was read from outside, each path and content once."""
    readers: dict[tuple[str, str | None], list[int]] = {}
    first: dict[tuple[str, str | None], RootEdge] = {}
    for edge in edges:
        key = edge.path, next(iter(edge.digests.values()), None)
        first.setdefault(key, edge)
        readers.setdefault(key, []).append(edge.job_id)
    return [RootInput(edge, readers[key]) for key, edge in first.items()]


class _Walk:
    """Goes upstream. A job that wrote on what was there, unread, rests on who left that: but only for the readers of
    that file, or every run that adds to a log would rest on all before it."""

    def __init__(self, tables: AncestryTables) -> None:
        self._tables = tables
        self._makers: defaultdict[int, set[int]] = defaultdict(set)
        self._jobs: set[int] = set()
        self._continued: dict[int, list[Made]] = {}
        self._followed: set[Made] = set()

    def result(self, order: Mapping[int, int]) -> Ancestry:
        jobs = sorted(self._jobs & order.keys(), key=order.__getitem__)
        makers = {
            job: sorted(self._makers[job] & self._jobs & order.keys(), key=order.__getitem__) for job in jobs
        }
        return Ancestry(jobs, makers)

    def add(self, job_id: int) -> None:
        waiting = [job_id]
        while waiting:
            job = waiting.pop()
            if job in self._jobs:
                continue
            self._jobs.add(job)
            for maker in self._tables.makers(job):
                self._makers[job].add(maker)
                waiting.append(maker)
                for version in self._continued_by(maker):
                    if self._tables.has_read(job, version):
                        waiting.extend(self._before(version))

    def add_continued(self, version: Made) -> None:
        for job in self._before(version):
            self.add(job)

    def _continued_by(self, job: int) -> list[Made]:
        if job not in self._continued:
            self._continued[job] = self._tables.continued_versions(job)
        return self._continued[job]

    def _before(self, version: Made) -> Iterator[int]:
        """Gives the jobs that wrote what a version was written on, back to the one that made the file anew."""
        later: Made | None = version
        while later is not None and later.continued and later not in self._followed:
            self._followed.add(later)
            earlier = self._tables.version_before(later)
            if earlier is not None:
                self._makers[later.job_id].add(earlier.job_id)
                yield earlier.job_id
            later = earlier
