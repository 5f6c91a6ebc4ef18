"""Which job descends from which: the graph over jobs that files make."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence


class Descent:
    """Makers and readers of each job, and who descends from whom.

    Jobs are numbered in time order, so that a set of jobs is one integer with a bit for each: whole sets are joined at
    the speed of memory, and ten thousand jobs that all continue one file take well under a second.
    """

    def __init__(self, jobs: Sequence[int], makers: Iterable[tuple[int, int, int]]) -> None:
        """Takes job ids in time order and (producer, reader, files)."""
        self._jobs = jobs
        self._bits = {job: 1 << index for index, job in enumerate(jobs)}
        self.makers: defaultdict[int, dict[int, int]] = defaultdict(dict)
        self.readers: defaultdict[int, list[int]] = defaultdict(list)
        for producer, reader, files in makers:
            if producer in self._bits and reader in self._bits:
                self.makers[reader][producer] = files
                self.readers[producer].append(reader)
        self._descendants: dict[int, int] | None = None

    def bit(self, job: int) -> int:
        """Returns the set that holds just this job; the empty one for a job that is not in the graph."""
        return self._bits.get(job, 0)

    def with_descendants(self, job: int) -> int:
        """Returns the set of a job and all its descendants."""
        if self._descendants is None:
            self._descendants = self._find_descendants()
        return self._descendants[job]

    def ancestors(self, jobs: Iterable[int]) -> set[int]:
        """Returns every job that one of `jobs` descends from; one of themselves only if another descends from it."""
        found: set[int] = set()
        waiting = list(jobs)
        while waiting:
            for maker in self.makers.get(waiting.pop(), ()):
                if maker not in found:
                    found.add(maker)
                    waiting.append(maker)
        return found

    def _find_descendants(self) -> dict[int, int]:
        sets = dict(self._bits)
        backward = any(
            self._bits[reader] < self._bits[maker] for maker in self.readers for reader in self.readers[maker]
        )
        while True:
            changed = False
            for job in reversed(self._jobs):
                joined = sets[job]
                for reader in self.readers.get(job, ()):
                    joined |= sets[reader]
                if joined != sets[job]:
                    sets[job] = joined
                    changed = True
            if not (changed and backward):  # a reader that began before its maker may need another round
                return sets
