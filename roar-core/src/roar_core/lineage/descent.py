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
        self._places = {job: index for index, job in enumerate(jobs)}
        self.makers: defaultdict[int, dict[int, int]] = defaultdict(dict)
        for producer, reader, files in makers:
            if producer in self._places and reader in self._places:
                self.makers[reader][producer] = files
        self._descendants: dict[int, int] | None = None

    def bit(self, job: int) -> int:
        """Returns the set that holds just this job; the empty one for a job that is not in the graph."""
        return 1 << self._places[job] if job in self._places else 0

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
        sets = {job: 1 << place for job, place in self._places.items()}
        readers: defaultdict[int, list[int]] = defaultdict(list)
        for reader, makers in self.makers.items():
            for maker in makers:
                readers[maker].append(reader)
        backward = any(
            self._places[reader] < self._places[maker] for maker in readers for reader in readers[maker]
        )
        while True:
            changed = False
            for job in reversed(self._places):
                joined = sets[job]
                for reader in readers.get(job, ()):
                    joined |= sets[reader]
                if joined != sets[job]:
                    sets[job] = joined
                    changed = True
            if not (changed and backward):  # a reader that began before its maker may need another round
                return sets
